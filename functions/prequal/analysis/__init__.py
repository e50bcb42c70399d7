"""Analysis of a form over all possible answers, exactly: shares of the grades, influences, and faults of its points."""
