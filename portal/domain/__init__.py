"""The verbs: what people and the clock can do. No Flask, no forms, no connectors."""
