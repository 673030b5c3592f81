"""What an instructor declares for `fairgrade verify`, in an assignment of course.yml.

mutants:
  - {name: linear output, cell: output-layer, from: ', activation="softmax"', to: '',
     loses: 7}
equivalents:
  - {name: units by name, cell: hidden-layer, from: Dense(16, to: Dense(units=16}
accepted:
  - {cell: better, operators: [units], reason: any larger network is right}
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Rewritten(_Declared):
    """The solution with `to` in the place of `from`, once, in one answer cell."""

    name: str = Field(min_length=1, description="what it is, in a few words")
    cell: str = Field(description="grade_id of the answer cell")
    before: str = Field(alias="from", min_length=1, description="text of the solution")
    after: str = Field(alias="to", description="what stands there instead")


class Mutant(_Rewritten):
    """A mistake, and what it must lose: test cells by grade_id, or points in all."""

    loses: float | tuple[str, ...]


class Equivalent(_Rewritten):
    """Another right spelling, which must lose nothing."""


class Accepted(_Declared):
    """Changes that may survive, for they are no mistakes."""

    cell: str = Field(description="grade_id of the answer cell")
    operators: tuple[str, ...] = Field((), description="kinds of change; all if empty")
    change: str = Field("", description="text that the change's description has in it")
    reason: str = Field(min_length=1, description="why it is no mistake")
