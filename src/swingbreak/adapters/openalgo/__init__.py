"""Client of an OpenAlgo server."""
