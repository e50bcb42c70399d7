"""The whole product on one machine: page, function, inbox and a stand-in for the booking page."""
