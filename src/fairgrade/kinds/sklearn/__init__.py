"""Fitted estimators of scikit-learn, computed again in the judge."""
