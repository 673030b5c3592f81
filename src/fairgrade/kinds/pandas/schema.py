"""What both sides know of forms of pandas.

    ["frame" [[places column]...] index columns attrs?]   a column, or some of one type
    ["series" column index name attrs?]   ["index" index]   ["array" column]
    ["dtype" column]     of an empty column
    ["timestamp" unit zone number]   ["timedelta" unit number]
    ["period" frequency ordinal]     ["interval" closed left right]
    ["missing" name]                 ["groups" ...], see `kinds.pandas.groups`

An index is ["range" start stop step name], ["labels" column name frequency] or
["multi" indices codes names].
"""

from __future__ import annotations

TAG = "pandas"
MAX_COLUMNS = 10_000
#: Types whose missing values are marked beside them, and what their values are of.
MASKED = {
    **{f"Int{bits}": f"<i{bits // 8}" for bits in (16, 32, 64)},
    **{f"UInt{bits}": f"<u{bits // 8}" for bits in (16, 32, 64)},
    **{"Int8": "|i1", "UInt8": "|u1", "boolean": "|b1"},
    **{"Float32": "<f4", "Float64": "<f8"},
}
UNITS = ("s", "ms", "us", "ns")
