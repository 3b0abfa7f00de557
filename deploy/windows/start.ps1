# Starts one trading day on Windows: start.ps1 -Paper, or start.ps1 -Live.
#requires -Version 5.1
[CmdletBinding(DefaultParameterSetName = 'Paper')]
param(
    [Parameter(ParameterSetName = 'Paper')][switch]$Paper,
    [Parameter(ParameterSetName = 'Live', Mandatory)][switch]$Live,
    [string]$Config = 'swingbreak.toml',
    [string]$StateDir = 'state',
    [switch]$CheckOnly
)
$ErrorActionPreference = 'Stop'
$root = Resolve-Path (Join-Path $PSScriptRoot '..\..')
if (-not $env:OPENALGO_API_KEY) {
    $stored = [Environment]::GetEnvironmentVariable('OPENALGO_API_KEY', 'User')
    if (-not $stored) {
        Write-Error 'OPENALGO_API_KEY is not set: [Environment]::SetEnvironmentVariable("OPENALGO_API_KEY", "...", "User")'
    }
    $env:OPENALGO_API_KEY = $stored
}
$python = Get-Command py -ErrorAction SilentlyContinue
$words = if ($python) { @('py', '-3') } else { @('python') }
$launcher = @($words | Select-Object -Skip 1) + @((Join-Path $root 'start.py'))
$common = @('--config', $Config)
$env:PYTHONUTF8 = '1'

& $words[0] @launcher check @common
if ($LASTEXITCODE -ne 0 -or $CheckOnly) { exit $LASTEXITCODE }
$mode = if ($Live) { @('--mode', 'live', '--live') } else { @('--mode', 'paper') }
& $words[0] @launcher run @common --state-dir $StateDir @mode
exit $LASTEXITCODE
