"""The simulated exchange behind the REST and WebSocket protocol of OpenAlgo."""
