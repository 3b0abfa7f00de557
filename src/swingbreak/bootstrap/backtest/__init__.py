"""Many stored days traded by the live engine on the simulated exchange."""
