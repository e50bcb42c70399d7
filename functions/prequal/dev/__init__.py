"""The product on one machine: development server, local cloud, and a stand-in for Cal.com. Never deployed."""
