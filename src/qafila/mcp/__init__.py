"""The door for agents: tools of the Model Context Protocol, each of which asks the HTTP API and no other way in."""
