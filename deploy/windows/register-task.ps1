# Registers start.ps1 with the Task Scheduler, Monday to Friday at 09:05 of this machine's clock.
#requires -Version 5.1
[CmdletBinding()]
param(
    [string]$At = '09:05',
    [string]$Name = 'swingbreak',
    [string]$Config = 'swingbreak.toml',
    [switch]$Live
)
$ErrorActionPreference = 'Stop'
if ((Get-TimeZone).Id -ne 'India Standard Time') {
    Write-Warning "This machine's clock is $((Get-TimeZone).Id): -At is read in that time, and the market opens at 09:15 in India."
}
$script = Join-Path $PSScriptRoot 'start.ps1'
$mode = if ($Live) { '-Live' } else { '-Paper' }
$arguments = "-NoProfile -ExecutionPolicy Bypass -File `"$script`" $mode -Config `"$Config`""
$root = Resolve-Path (Join-Path $PSScriptRoot '..\..')
$action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument $arguments -WorkingDirectory $root
$trigger = New-ScheduledTaskTrigger -Weekly -DaysOfWeek Monday, Tuesday, Wednesday, Thursday, Friday -At $At
# it must survive the battery, and be stopped by nobody in the middle of a day
$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
    -StartWhenAvailable -MultipleInstances IgnoreNew -ExecutionTimeLimit (New-TimeSpan -Hours 12) `
    -RestartCount 3 -RestartInterval (New-TimeSpan -Minutes 1)
Register-ScheduledTask -TaskName $Name -Action $action -Trigger $trigger -Settings $settings -Force
