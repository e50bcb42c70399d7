"""Pure mathematics: a form over all possible answers, exactly; and what samples of leads and clients support."""
