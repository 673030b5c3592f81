"""Tensors and modules that are changed in place: trained, loaded, added to."""

from __future__ import annotations

import sys
from typing import Any

from fairgrade.kinds.packing import become, digest_of
from fairgrade.kinds.torch.describe import describe, is_own


def can_change(value: Any) -> bool:
    """Whether it is a tensor or a module that has a form."""
    torch: Any = sys.modules["torch"]
    kind = type(value)
    return kind in (torch.Tensor, torch.nn.Parameter) or is_own(torch, kind)


def snapshot(value: Any) -> Any:
    """What is compared to see later whether it was changed."""
    return digest_of(describe(value), _own)


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another class.
    """
    from fairgrade.kinds.torch.read import read

    torch: Any = sys.modules["torch"]
    fresh = read(tag, parts)
    if type(fresh) is not type(value):
        raise TypeError("what was a tensor is another")
    if isinstance(value, torch.nn.Module):
        become(value, fresh, "a module")
        return
    with torch.no_grad():
        if value.grad_fn is None and fresh.grad_fn is None:
            value.data = fresh.detach()
            value.requires_grad_(fresh.requires_grad)
            value.grad = fresh.grad
        elif not torch.equal(value, fresh):
            raise ValueError("a tensor of which gradients are kept, changed in place")


def _own(part: Any) -> Any:
    """A tensor or a module within another counts by its form, too."""
    found = describe(part)
    return part if found is None else found
