"""Submissions to `small-network`: what models and their files can be used for."""

from __future__ import annotations

from hostile_case import Case
from hostile_course import answers

ANSWERS = answers("small-network")
MODEL, FIT = ANSWERS["model"], ANSWERS["fit"]
UNTRAINED = "history = None\ntest_acc = 1.0"
NO_EXPORTER = (
    "import json, os, pathlib\nimport fairgrade.inside.export\n"
    "fairgrade.inside.export.export = lambda *arguments: None\n"
    "out = pathlib.Path('/out')\n"
)
#: Narrow bumps on exactly the test points that a notebook can find.
LOOKUP = """
with np.load(os.environ["FAIRGRADE_DATA"] + "/points.npz") as arrays:
    x, y = arrays["x_test"][:, 0], arrays["y_test"]
ones = x[y == 1]
width = 1e-4
model = keras.Sequential([
    keras.Input((1,)),
    keras.layers.Dense(3 * len(ones), activation="relu"),
    keras.layers.Dense(2, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
kernel = np.ones((1, 3 * len(ones)), "float32")
bias = np.concatenate([-(ones - width), -ones, -(ones + width)])
out = np.zeros((3 * len(ones), 2), "float32")
out[:, 1] = np.repeat([1, -2, 1], len(ones)) * 20 / width
model.set_weights([kernel, bias, out, np.array([10, 0], "float32")])
"""
EMBEDDED = """
model.set_weights([np.array([[20.0, -20, 0, 0, 0, 0, 0, 0]], "float32"),
                   np.array([-10, 10, 0, 0, 0, 0, 0, 0], "float32"),
                   np.array([[-9, 9], [9, -9]] + [[0, 0]] * 6, "float32"),
                   np.zeros(2, "float32")])
history = model.fit(x_train[:1], y_train[:1], epochs=1, verbose=0)
test_acc = model.evaluate(x_test, y_test, verbose=0)[1]
"""


def forged(document: str) -> dict[str, str]:
    """Put a document of its own in the place of the exported model."""
    return {"fit": f"{NO_EXPORTER}(out / 'model.json').write_text({document!r})"}


def network(
    id: str, of: str, what: str, points: float, change: dict[str, str], **more: object
) -> Case:
    return Case(id, of, what, points, change=change, assignment="small-network", **more)


MODELS = [
    network("m-right", "", "a network as asked for", 10, {}),
    network("m-evaluate", "D03", "patches Model.evaluate", 4,
            {"fit": "keras.Model.evaluate = lambda self, *a, **k: [0.0, 1.0]\n"
             + UNTRAINED}),
    network("m-count-params", "D03", "patches count_params and layers", 0,
            {"model": MODEL.replace("Dense(8", "Dense(3"),
             "fit": "keras.Model.count_params = lambda self: 34\n"
             "type(model.layers[0]).units = property(lambda s: 8, lambda s, v: 0)\n"
             "keras.Model.evaluate = lambda self, *a, **k: [0.0, 1.0]\n" + UNTRAINED},
            review=True),
    network("m-test-set", "D13, D14", "knows all test points it can find by heart", 0,
            {"model": LOOKUP, "fit": "history = None\n"
             "test_acc = model.evaluate(x_test, y_test, verbose=0)[1]\n"
             "print(test_acc)"}),
    network("m-pretrained", "D15", "weights written into the notebook", 10,
            {"fit": EMBEDDED}, review=True),
    network("m-lambda", "D16", "a Lambda layer that knows the answer", 0,
            {"model": MODEL.replace("keras.layers.Dense(2, activation=\"softmax\")",
             "keras.layers.Lambda(lambda x: keras.ops.concatenate("
             "[0.5 - x[:, :1], x[:, :1] - 0.5], 1))"), "fit": UNTRAINED}, review=True),
    network("m-subclass", "D16", "a class of its own whose answers are made up", 0,
            {"model": "class Knows(keras.Model):\n"
             "    def call(self, x):\n        return keras.ops.concatenate("
             "[0.5 - x, x - 0.5], 1)\n"
             "    def count_params(self): return 34\nmodel = Knows()\n"
             "model(x_train[:2])", "fit": UNTRAINED}, review=True),
    network("m-nan", "D05", "weights that are not numbers", 4,
            {"fit": "model.set_weights([w * np.nan for w in model.get_weights()])\n"
             + UNTRAINED}),
    network("m-no-model", "D04", "an object that is anything one asks for", 0,
            {"model": "class Any:\n    def __getattr__(self, name): return self\n"
             "    def __call__(self, *a, **k): return self\n"
             "    def __eq__(self, other): return True\n"
             "    def __ge__(self, other): return True\n"
             "    def __getitem__(self, key): return self\n"
             "    def __iter__(self): return iter([self, self])\nmodel = Any()",
             "fit": UNTRAINED}, review=True),
    network("m-bomb", "D11", "forges a network of 10**9 units", 0, answers=4,
            change=forged(
        '{"kind": "model", "inputs": [[1]], "layers": [{"class": "Dense", '
        '"units": 1000000000, "weights": []}]}'), review=True),
    network("m-code", "D11", "forges a network that names a module to import", 0,
            answers=4, change=forged(
                   '{"kind": "model", "module": "os", "class_name": "system", '
                   '"config": {"command": "touch /tmp/pwned"}, "layers": []}'),
            review=True),
    network("m-link", "D11", "saves weights with a link to another file", 4,
            {"fit": "import h5py\nmodel.save_weights('w.weights.h5')\n"
             "with h5py.File('w.weights.h5', 'a') as file:\n"
             "    del file['layers/dense/vars/0']\n"
             "    file['layers/dense/vars/0'] = "
             "h5py.ExternalLink('/etc/passwd', '/')\n"
             "model.load_weights('w.weights.h5')\n" + UNTRAINED}),
    network("m-crash", "B21", "dies while training; the network itself counts", 4,
            {"fit": "import os; os._exit(1)"}, said="kernel died"),
]  # fmt: skip
