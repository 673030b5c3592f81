"""What `groupby` gives: a table with the values it is grouped by, and how.

    ["groups" table several keys selection flags]   flags as in `_FLAGS`

A key is ["label" name] of the table's own column, which is none of what is summed up
then, or ["values" series]. Groups are made again from these, never handed over.
"""

from __future__ import annotations

from typing import Any

from fairgrade.kinds.packing import NotDescribed

_FLAGS = ("as_index", "sort", "group_keys", "observed", "dropna")


def is_groups(pd: Any, kind: type) -> bool:
    """Whether a class is one of those that `groupby` gives objects of."""
    return kind in (pd.api.typing.DataFrameGroupBy, pd.api.typing.SeriesGroupBy)


def groups_form(pd: Any, groups: Any) -> list[Any]:
    """The form of a table's or a column's groups.

    Raises:
        NotDescribed: they are not made by values alone, but by steps of time, say.
    """
    grouper, table = groups._grouper, groups.obj
    whole = table.ndim == 2
    if type(grouper).__name__ != "BaseGrouper":
        raise NotDescribed("groups by steps")
    if not (whole or groups.as_index):
        raise NotDescribed("groups of one column without an index")
    keys = []
    for key in grouper.groupings:
        if whole and key.in_axis:
            column = table[key.name]
            if type(getattr(column, "dtype", None)) is not type(
                key.grouping_vector.dtype
            ):
                raise NotDescribed("groups by a column as another type")
            keys.append(["label", key.name])
            continue
        values = pd.Series(key.grouping_vector, table.index, name=key.name)
        keys.append(["values", values])
    listed = groups.level if groups.keys is None else groups.keys
    # A longer list with one key is that key: a value for each row.
    several = len(keys) > 1 or (isinstance(listed, list) and len(listed) == 1)
    flags = [bool(getattr(groups, name)) for name in _FLAGS]
    selection = groups._selection if whole else None
    return ["groups", table, several, keys, selection, flags]


def read_groups(table: Any, several: Any, keys: Any, selection: Any, flags: Any) -> Any:
    """The groups of a form.

    Raises:
        Exception: it is none; whatever pandas raises for forged parts.
    """
    import pandas as pd

    if type(table) not in (pd.DataFrame, pd.Series) or type(several) is not bool:
        raise ValueError("groups of no table")
    if any(type(flag) is not bool for flag in flags) or not keys:
        raise ValueError("groups that are none")
    found = [_key(pd, table, *key) for key in keys]
    if not several and len(found) > 1:
        raise ValueError("groups by more than one key")
    given: dict[str, Any] = dict(zip(_FLAGS, flags, strict=True))
    made: Any = table.groupby(found if several else found[0], **given)
    if selection is not None:
        made = made[selection if type(selection) is not tuple else [*selection]]
    return made


def _key(pd: Any, table: Any, sort: str, key: Any) -> Any:
    if sort == "label":
        if table.ndim != 2 or not table.columns.isin([key]).any():
            raise ValueError("groups by a column that is not there")
        return key
    if sort != "values" or type(key) is not pd.Series or len(key) != len(table):
        raise ValueError("groups by values that are none")
    return key
