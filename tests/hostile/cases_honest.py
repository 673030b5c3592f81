"""Right answers in forms that people really hand in (H01 to H16): all points, or told.

Names that change after their test, notebooks from other places, networks that Keras
lets one write in another way.
"""

from __future__ import annotations

from cases_broken import EVENS, TOTAL, changed
from cases_models import FIT, MODEL, network
from hostile_case import Case, Edit
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell


def at_the_end(source: str) -> Edit:
    """A cell of the student's own after the last test."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells.append(new_code_cell(source, id="own"))

    return edit


def at_the_start(source: str) -> Edit:
    """A cell of the student's own before everything."""

    def edit(notebook: NotebookNode) -> None:
        notebook.cells.insert(0, new_code_cell(source, id="own"))

    return edit


def compiled(settings: str, model: str = MODEL) -> dict[str, str]:
    """The network of the assignment, compiled in another way."""
    return {"model": f"{model.split('model.compile')[0]}model.compile({settings})"}


LOSS = '"sparse_categorical_crossentropy"'
ADAM = "keras.optimizers.Adam(0.05)"
RELU = 'activation="relu"'
SOFTMAX = 'activation="softmax"'
HONEST_FORMS = [
    Case("h01-experiment", "H01", "tries something else in a last cell", 10,
         edit=at_the_end("total, evens, squares = 0, None, []")),
    Case("h02-loop", "H02", "uses a name again further down", 10,
         change={"squares": "squares = [n * n for n in range(10)]\n"
                 "for total in range(3):\n    pass\nevens = evens[:3]"}),
    Case("h03-in-place", "H03", "changes an array in place after its test", 10,
         change={"squares": "squares = [n * n for n in range(10)]\nevens *= 0"}),
    Case("h04-deleted", "H04", "deletes the names at the end", 10,
         edit=at_the_end("del total, evens, squares")),
    Case("h05-reset", "H05", "resets everything at the end", 10,
         edit=at_the_end("%reset -f")),
    Case("h06-crash-at-the-end", "H06", "a last cell that ends the kernel", 10,
         edit=at_the_end("import os\nos._exit(1)"), said="The kernel died"),
    Case("h07-colab", "H07", "a notebook from Colab", 10,
         edit=at_the_start("%tensorflow_version 2.x\n!pip install -q numpy\n"
                           "try:\n    from google.colab import drive\n"
                           "except ImportError:\n    pass")),
    Case("h08-timed", "H08", "times its cells", 10,
         change={"total": f"%%time\n{TOTAL}", "evens": f"%time {EVENS}"}),
    Case("h09-zeros", "H09", "zeros after the notebook's end", 10,
         write=changed(lambda text: text.encode() + b"\0" * 4096)),
    Case("h10-bom", "H10", "a byte order mark before the notebook", 10,
         write=changed(lambda text: text.encode("utf-8-sig"))),
    Case("h11-numpy", "H11", "NumPy's numbers in place of Python's", 10,
         change={"total": "total = np.int64(338350)",
                 "squares": "squares = [np.int32(n * n) for n in range(10)]"}),
    Case("h12-longdouble", "H12", "numbers of more digits than others have", 10,
         change={"total": "total = np.longdouble(338350)",
                 "evens": "evens = np.arange(0, 100, 2, dtype=np.longdouble)"}),
    network("h13-tf-nn", "H13", "activations from tf.nn", 10,
            {"model": "import tensorflow as tf\n" + MODEL.replace(
                RELU, "activation=tf.nn.relu").replace(
                SOFTMAX, "activation=tf.nn.softmax")}),
    network("h13-layer", "H13", "a layer as an activation", 10,
            {"model": MODEL.replace(RELU, "activation=keras.layers.ReLU()")}),
    network("h14-metrics", "H14", "metrics of its own beside accuracy", 10, compiled(
        f'{ADAM}, {LOSS}, metrics=["accuracy", "sparse_top_k_categorical_accuracy", '
        "lambda y, p: keras.ops.mean(p)]")),
    network("h14-lists", "H14", "loss and metrics in lists", 10, compiled(
        f'{ADAM}, [{LOSS}], metrics=[["accuracy"]]')),
    network("h14-adafactor", "H14", "an optimizer that is seldom used", 10, compiled(
        f'keras.optimizers.Nadam(0.05), {LOSS}, metrics=["acc"]')),
    network("h15-chinese", "H15", "layers named in Chinese", 10,
            {"model": MODEL.replace(RELU, f'{RELU}, name="隐藏层"')}),
    network("h16-callbacks", "H16", "stops early and writes to TensorBoard", 10,
            {"fit": FIT.replace("verbose=0)\n", "verbose=0, callbacks=["
             "keras.callbacks.TensorBoard('logs'), "
             "keras.callbacks.TerminateOnNaN()])\n", 1)}),
    network("h16-tf-data", "H16", "trains on a pipeline of tf.data", 10,
            {"fit": "import tensorflow as tf\n"
             "rows = tf.data.Dataset.from_tensor_slices((x_train, y_train))\n"
             "history = model.fit(rows.batch(20), epochs=30, verbose=0)\n"
             "test_acc = model.evaluate(x_test, y_test, verbose=0)[1]"}),
]  # fmt: skip
