"""``swingbreak certify``: find out what a gateway does, and whether it can be traded through."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.output import ExitCode, print_json, print_table, print_text

if TYPE_CHECKING:
    from swingbreak.adapters.certification.examination import Certificate

__all__ = ["certify"]


def certify(  # noqa: PLR0913, PLR0917 - one argument per option
    host: Annotated[str | None, typer.Option(help="OpenAlgo's address.")] = None,
    ws_url: Annotated[str | None, typer.Option(help="OpenAlgo's WebSocket URL.")] = None,
    orders: Annotated[  # noqa: FBT002 - an option
        bool,
        typer.Option("--orders", help="Send orders too; only to a sandbox or our own server."),
    ] = False,
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the profile, for gateway_profile.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Configuration file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Probe an OpenAlgo server; reads only, unless --orders. The key: OPENALGO_API_KEY."""
    from swingbreak.bootstrap.certifying import certify_settings  # noqa: PLC0415 - heavy

    overrides = {"openalgo_host": host, "openalgo_ws_url": ws_url}
    certificate, ended_by = certify_settings(
        config, overrides, with_orders=orders, write=write, tell=_quiet if as_json else _tell
    )
    if certificate is None:
        raise typer.Exit(128 + int(ended_by or 0))
    _print(certificate, write, as_json=as_json)
    raise typer.Exit(ExitCode.OK if certificate.is_usable else ExitCode.GATE_FAILED)


def _print(certificate: "Certificate", write: Path | None, *, as_json: bool) -> None:
    import msgspec  # noqa: PLC0415 - not needed for --help

    if as_json:
        findings = [finding._asdict() for finding in certificate.findings]
        profile = msgspec.to_builtins(certificate.profile)
        print_json({"usable": certificate.is_usable, "findings": findings, "profile": profile})
        return
    columns = ("probe", "verdict", "found", "meaning", "remedy")
    print_table(columns, ([*map(str, finding)] for finding in certificate.findings))
    missing = [finding.probe for finding in certificate.findings if finding.verdict == "missing"]
    print_text(f"not usable: {', '.join(missing)}" if missing else "usable")
    if write is not None:
        print_text(f"profile written to {write}; name it as gateway_profile")


def _tell(line: str) -> None:
    sys.stderr.write(line.encode("ascii", "backslashreplace").decode() + "\n")


def _quiet(_: str) -> None:
    pass
