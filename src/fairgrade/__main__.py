"""`python -m fairgrade`: the same as the command."""

from fairgrade.cli import main

main()
