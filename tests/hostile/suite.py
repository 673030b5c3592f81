"""All submissions of the suite, in the order of the page that is written from it."""

from __future__ import annotations

from cases_broken import BROKEN
from cases_dishonest import DISHONEST
from cases_honest import HONEST_FORMS
from cases_models import MODELS
from cases_stoppers import STOPPERS

CASES = [*BROKEN, *STOPPERS, *HONEST_FORMS, *DISHONEST, *MODELS]
