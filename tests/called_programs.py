"""Classes and functions that tests call."""

from __future__ import annotations

SHAPES = """
import math
class Shape:
    '''A shape.'''
    sides = 0
    def __init__(self, name='shape'):
        self.name = name
        self.tags = []
    def area(self):
        raise NotImplementedError('area')
    def tag(self, text):
        self.tags.append(text)
        return self
    @property
    def title(self):
        return self.name.title()
    @title.setter
    def title(self, text):
        self.name = text.lower()
    @staticmethod
    def unit():
        return 'cm'
    @classmethod
    def named(cls, name):
        made = cls.__new__(cls)
        Shape.__init__(made, name)
        return made
    def __repr__(self):
        return f'Shape({self.name})'
    def __len__(self):
        return self.sides
class Square(Shape):
    sides = 4
    def __init__(self, side):
        super().__init__('square')
        self.side = side
    def area(self):
        return self.side ** 2
    def __eq__(self, other):
        return self.side == other.side
    def __lt__(self, other):
        return self.side < other.side
    def __add__(self, other):
        return Square(math.hypot(self.side, other.side))
    def __mul__(self, n):
        return Square(self.side * n)
    def __getitem__(self, i):
        return [self.side] * 4
    def __call__(self, x, *, y=1):
        return self.side * x * y
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        self.seen = kind.__name__ if kind else ''
        return kind is KeyError
class TooSmall(ValueError):
    def __init__(self, side):
        super().__init__(f'{side} is too small')
        self.side = side
def make(side):
    if side < 1:
        raise TooSmall(side)
    return Square(side)
"""

FUNCTIONS = """
import functools, random, sys
import numpy as np
def double(n: int, *more, scale=2, **kw) -> int:
    '''Double it.'''
    return n * scale
def grow(items):
    items.append(len(items))
    return items
def count(n):
    for i in range(n):
        got = yield i
        if got:
            yield got
    return 'end'
def apply(f, *args):
    return f(*args)
def draws(n):
    return [random.random() for _ in range(n)], np.random.rand(n)
def say(text):
    print(text)
    print('no', file=sys.stderr)
def ask():
    return int(input('How many? ')) + 1
def table(pairs):
    return {key: [value] for key, value in pairs}
def update(d):
    d['new'] = {'deep': [1]}
def shift(a):
    a += 1
    return a
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def helper(n):
    return twice(n) + 1
def twice(n):
    return 2 * n
def fails(kind):
    raise kind('because', 3)
def back(x):
    return x
MEAN = 'mean'
def is_mean(how):
    return how is MEAN
def draw(rng):
    return rng.random()
power = functools.partial(pow, 2)
square = lambda x: x * x
"""
