"""Wrong answers to the lessons' gaps, and what the check below must say to each.

They are what people write: quotes and brackets that are missing, a list for a name, a
text for a number, names that are misspelt, values that are swapped, other data.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader_tests.wrong_forms import FORMS

LESSONS = ("dense-network", "preparing-data", "improving-your-network")


@dataclass(frozen=True)
class Wrong:
    """One answer, wrong unless nothing is to be said about it.

    Attributes:
        gap: the grade_id of the cell.
        answer: its text.
        told: words that the check below must use; none of a right answer.
    """

    lesson: str
    gap: str
    answer: str
    told: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.gap}: {self.answer}"


def _layer(arguments: str, kind: str = "Dense") -> str:
    return f"model.add({kind}({arguments}))"


_FLATTEN = {
    "model.add(Flatten(input_shape=28, 28, 1))": "brackets of their own|(28, 28, 1)",
    "model.add(Flatten(input_shape=(28, 28)))": "(28, 28)|its one channel",
    'model.add(Flatten(input_shape="input_shape"))': "without quotes",
    "model.add(Flatten(input_shape=train_images.shape))": "leave the 1,000 out",
    "model.add(Flatten(input_shape=train_images))": "a whole array|of one image",
    'model.add(Flatten(input_shape=todo("Step 2: it")))': "Step 2: it is still open",
    "model.add(Flatten(input_shape=784))": "is a tuple|a single number",
    "model.add(Flatten(input_shape=(784,)))": "(784,)|still a picture",
    'model.add(Flatten(input_shape=(28, "28", 1)))': "whole numbers|'28'",
    "model.add(Flatten(input_shape=(28, 28, 1)))\nmodel.add(Flatten())": (
        "one Flatten layer|each add() adds one more"
    ),
    "model.add(Flatten())": "does not know the shape|no shape",
    "model.add(Dense(16))": "this step is for a Flatten layer",
    "model.add(Flatten)": "by calling it|Flatten(...)",
    "model.add(Flatten(28, 28, 1))": "3 numbers|name=(...)",
    "model.add(Flatten(input_shape))": "data_format|input_shape=input_shape",
    "model.add(Flatten(inputshape=input_shape))": "did you mean input_shape=?",
    "model.add(Flatten(input_shape=input_shpe))": "did you mean input_shape?",
    "model.add(Flaten(input_shape=input_shape))": "did you mean Flatten?",
    "model.Add(Flatten(input_shape=input_shape))": "did you mean add?",
    "model.add[Flatten(input_shape=input_shape)]": "round brackets|model.add(...)",
    'model.add("Flatten")': "write Flatten(...) without quotes",
    "model = model.add(Flatten(input_shape=input_shape))": "None|without model =",
    "input_shape": "puts a layer into the network",
    "model.add(Flatten(input_shape=(28 28 1)))": "A comma is missing",
}
_HIDDEN = {
    _layer("16, activation=relu"): 'no quotes|activation="relu"',
    _layer("16, relu"): 'no quotes|activation="relu"',
    _layer('16, activation="Relu"'): "'Relu'|did you mean 'relu'?",
    _layer('16, activation="rleu"'): "did you mean 'relu'?",
    _layer('"16", activation="relu"'): "in quotes|16 without quotes",
    _layer('16.0, activation="relu"'): "without a point: 16",
    _layer('units=16, "relu"'): "A value without a name",
    _layer("16"): "another activation|linear",
    _layer('activation="relu"'): "units is missing|how many neurons",
    _layer('128, activation="relu"'): "another number of neurons|128",
    'model.add(Dense(16, activation="relu")': "A bracket is missing",
    'model.add(Dense(16, activation="relu")))': "a ) too many",
    'model.add(Dense[16, activation="relu"])': "round ones belong|Dense(...)",
    _layer("16, activation='relu"): "A quote is missing",
    _layer("16, activation=“relu”"): "word processor|straight",
    _layer('16 activation="relu"'): "A comma is missing",
    _layer('"relu", 16'): "swapped|how many neurons",
    _layer('16, activaton="relu"'): "activaton|did you mean activation=?",
    _layer('16, units=16, activation="relu"'): "units twice",
    _layer('[16], activation="relu"'): "a single number",
    _layer('None, activation="relu"'): "units is still None",
    _layer('..., activation="relu"'): "units is still ...",
    _layer('-16, activation="relu"'): "1 or more",
    _layer('16, activation="sigmoid"'): "another activation|sigmoid",
    _layer('16, activation="relu"', "dense"): "did you mean Dense?",
    _layer('16, activation="relu"', "layers.Dense"): "nothing called layers",
    'Dense(16, activation="relu")': "puts a layer into the network",
    "16": "puts a layer into the network",
}
_OUTPUT = {
    _layer("num_classes, activation=softmax"): 'activation="softmax"',
    _layer("num_classes"): "no probabilities|linear",
    _layer('num_classes, activation="relu"'): "no probabilities|relu",
    _layer('num_classes, activation="softMax"'): "did you mean 'softmax'?",
    _layer('num_classes, activation="soft max"'): "did you mean 'softmax'?",
    _layer('num_classes, activation="sofmax"'): "did you mean 'softmax'?",
    _layer('num_clases, activation="softmax"'): "did you mean num_classes?",
    _layer('"num_classes", activation="softmax"'): "without quotes|num_classes",
    _layer('train_labels, activation="softmax"'): "units is no number",
    _layer('9, activation="softmax"'): "ten neurons|one neuron for each digit",
}


def _compile(
    loss: str = '"categorical_crossentropy"',
    optimizer: str = '"adam"',
    metrics: str = '["accuracy"]',
) -> str:
    return f"model.compile(loss={loss}, optimizer={optimizer}, metrics={metrics})"


_COMPILE = {
    _compile('"categorical crossentropy"'): "did you mean 'categorical_crossentropy'?",
    _compile('"sparse_categorical_crossentropy"'): "single numbers",
    _compile('"binary_crossentropy"'): "yes-or-no",
    _compile('"mse"'): "categories, not amounts",
    _compile("categorical_crossentropy"): 'loss="categorical_crossentropy"',
    _compile(optimizer="adam"): 'no quotes|optimizer="adam"',
    _compile(optimizer='"adm"'): "did you mean 'adam'?",
    _compile(optimizer='"sgd"'): "sgd|adam",
    _compile(metrics='"accuracy"'): 'takes a list|["accuracy"]',
    _compile(metrics="[accuracy]"): 'no quotes|["accuracy"]',
    _compile(metrics='["acuracy"]'): "did you mean 'accuracy'?",
    _compile(metrics="[]"): "no metric|a list of names",
    _compile('"adam"', '"categorical_crossentropy"'): "swapped",
    'model.compile("categorical_crossentropy", "adam", ["accuracy"])': (
        "takes the first value for the optimizer|loss=..."
    ),
    'model.compile(los="categorical_crossentropy")': "did you mean loss=?",
    "model.compile": "not compiled",
}


def _fit(arguments: str) -> str:
    return f"history = model.fit({arguments})"


_FIT = {
    _fit('train_images, train_labels, epochs="10", shuffle=True'): "10 without quotes",
    _fit('train_images, train_labels, epochs="epochs"'): "write epochs without quotes",
    _fit("train_images, train_labels, epochs=epoch"): "did you mean epochs?",
    _fit("train_images, train_labels, epoch=epochs"): "did you mean epochs=?",
    _fit("train_image, train_labels, epochs=epochs"): "did you mean train_images?",
    _fit("train_images, train_labels, epochs=epochs, shuffle=true"): "capital|True",
    _fit("train_labels, train_images, epochs=epochs"): "first the images",
    _fit("train_images, raw_train_labels, epochs=epochs"): "not one-hot|without raw_",
    _fit("test_images, train_labels, epochs=epochs"): "not as many labels",
    _fit("train_images, epochs=epochs, shuffle=True"): "the labels after the images",
    _fit('"train_images", "train_labels", epochs=epochs'): "a name has no quotes",
    _fit("raw_train_images, train_labels, epochs=epochs"): "unscaled|up to 255",
    _fit("train_images / 255, train_labels, epochs=epochs"): "divide no more",
    _fit("test_images, test_labels, epochs=epochs"): "its exam",
    _fit("train_images, train_labels, epochs=epochs, steps_per_epoch=5"): "only a part",
    _fit("train_images, train_labels[::-1], epochs=epochs"): "next to nothing",
    _fit("train_images, train_labels, shuffle=True"): "number of epochs|stops after",
    _fit("train_images, train_labels, epochs=epochs, shuffle=False"): "not shuffled",
    "history = model.fit": "has not been trained",
}


def _evaluate(data: str, entry: str = "measured[1]") -> str:
    return f"measured = model.evaluate({data}, verbose=2)\ntest_acc = {entry}"


_TEST = "test_images, test_labels"
_EVALUATE = {
    _evaluate("train_images, train_labels"): "not the accuracy on the test images",
    _evaluate("test_images, raw_test_labels"): "another form|not raw_test_labels",
    _evaluate("test_image, test_labels"): "did you mean test_images?",
    _evaluate(_TEST, "measured[0]"): "the accuracy second",
    _evaluate(_TEST, "measured"): "not one number|read off one",
    _evaluate(_TEST, 'measured["accuracy"]'): "by number|[1]",
    _evaluate(_TEST, "measured[2]"): "no entry of that number",
    _evaluate(_TEST, 'todo("Step 7: it")'): "Step 7: it is still open",
}
_ANSWERS = {
    "answers = probabilities.argmax()": "one digit for each image",
    "answers = probabilities.argmax(axis=0)": "one digit for each image",
    "answers = probabilities.max(axis=1)": "argmax gives places",
    "answers = probabilities.argmin(axis=1)": "other digits",
    "answers = probabilites.argmax(axis=1)": "did you mean probabilities?",
    "answers = probabilities.argmx(axis=1)": "did you mean argmax?",
}
_SAVE = {
    "model.save(my_model.h5)": "no quotes|name of a file",
    'model.save("mymodel.h5")': "a file called my_model.h5|exactly this name",
    "model.save()": "filepath is missing|the name of the file",
    'model.save("my_model")': "which kind|.h5",
    'model.sve("my_model.h5")': "did you mean save?",
}


def _shape(
    one: str = "(28, 28, 1)",
    train: str = "raw_train_images.reshape((6000, 28, 28, 1))",
    test: str = "raw_test_images.reshape((1000, 28, 28, 1))",
) -> str:
    return f"input_shape = {one}\nshaped_train = {train}\nshaped_test = {test}"


_SHAPE = {
    _shape("(28, 28)"): "not the shape of one image|(28, 28)",
    _shape('"(28, 28, 1)"'): "written so: (28, 28, 1) (str)",
    _shape("raw_train_images"): "an array of shape (6000, 28, 28)",
    _shape(train="raw_train_images.reshape((6000, 28, 28))"): "shaped_train|(6000, 28",
    _shape(train="raw_train_images.reshape((1000, 28, 28, 1))"): "room for|784,000",
    _shape(train="raw_train_images.reshape(input_shape)"): "room for 784 numbers",
    _shape(train="raw_train_images.reshape((6000, input_shape))"): "a tuple stands",
    _shape(train='raw_train_images.reshape("6000, 28, 28, 1")'): "a text stands",
    _shape(train="raw_train_image.reshape((6000, 28, 28, 1))"): "raw_train_images?",
    _shape(train="raw_train_images.reshpe((6000, 28, 28, 1))"): "did you mean reshape",
    _shape(test="raw_train_images.reshape((6000, 28, 28, 1))"): "shaped_test|(6000",
    _shape(test='raw_test_images.reshape(todo("Step 2: it"))'): "Step 2: it is still",
}


def _scale(kind: str = '"float32"', divisor: str = "255", sign: str = "/") -> str:
    return (
        f"pixel_type = {kind}\n"
        f"train_images = shaped_train.astype(pixel_type) {sign} {divisor}\n"
        f"test_images = shaped_test.astype(pixel_type) {sign} {divisor}"
    )


_SCALE = {
    _scale("float32"): 'no quotes|"float32"',
    _scale('"flaot32"'): "did you mean 'float32'?",
    _scale('"float 32"'): "did you mean 'float32'?",
    _scale('"float64"'): "another type|float64",
    _scale(divisor='"255"'): "a text|without quotes",
    _scale(divisor="256"): "another range",
    _scale(divisor="1"): "not scaled|0 to 255",
    _scale(divisor="255 / 255"): "scaled twice",
    _scale(sign="//"): "shades of grey",
    _scale(divisor="None"): "None",
}


def _one_hot(
    classes: str = "10",
    train: str = "raw_train_labels, num_classes",
    test: str = "raw_test_labels, num_classes",
) -> str:
    return (
        f"num_classes = {classes}\n"
        f"train_labels = to_categorical({train})\n"
        f"test_labels = to_categorical({test})"
    )


_ONE_HOT = {
    _one_hot("9"): "more different labels than classes",
    _one_hot('"10"'): "10 without quotes",
    _one_hot("11"): "num_classes is another number|11",
    _one_hot(train="raw_test_labels, num_classes"): "train_labels has another shape",
    _one_hot(train="raw_train_labels[::-1], num_classes"): "does not match its images",
    _one_hot(train="raw_train_label, num_classes"): "did you mean raw_train_labels?",
    _one_hot(train='"raw_train_labels", num_classes'): "without quotes",
    _one_hot(train="raw_train_labels, num_clases"): "did you mean num_classes?",
}


def _better(*layers: str, comma: str = ",") -> str:
    inside = "".join(
        f"        {layer}{comma}\n"
        for layer in ("keras.Input(shape=input_shape)", "layers.Flatten()", *layers)
    )
    return f"better_model = keras.Sequential(\n    [\n{inside}    ]\n)"


_LAST = 'layers.Dense(num_classes, activation="softmax")'
_BETTER = {
    _better('layers.Dense(16, activation="relu")', _LAST): "not larger",
    _better('layers.Dense(128, activation="relu")'): "number of outputs",
    _better(
        'layers.Dense(128, activation="relu")', "layers.Dense(num_classes)"
    ): "does not end in probabilities",
    _better('layers.Dense(128, activation="relu")', _LAST, comma=""): "A comma",
    _better('Dense(128, activation="relu")', _LAST): "keras.layers.Dense",
    _better('layers.dense(128, activation="relu")', _LAST): "did you mean Dense?",
    _better("128", _LAST): "128 stands where a layer belongs",
    _better("layers.Dense(128, activation=relu)", _LAST): 'activation="relu"',
    _better("layers.Dense", _LAST): "by calling it",
    _better('todo("Step 2: layers")'): "Step 2: layers is still open",
}


def _train(settings: str) -> str:
    return (
        "compile_network(better_model)\nbetter_history = better_model.fit("
        f"train_images, train_labels, {settings}, verbose=0)"
    )


_TRAIN = {
    _train('epochs="10", validation_split=0.2'): "10 without quotes",
    _train("epochs=10, validation_split=20"): "a share|0.2 is 20 %",
    _train('epochs=10, validation_split="0.2"'): "a share",
    _train("epochs=10, validation_spilt=0.2"): "did you mean validation_split=?",
    _train("epochs=5, validation_split=0.2"): "too short|5 epochs",
    _train("epochs=10"): "no validation accuracy",
}


def _gap(training: str, validation: str) -> str:
    return (
        f"last_training = {training}\nlast_validation = {validation}\n"
        "gap = float(last_training - last_validation)"
    )


_OF = "better_history.history"
_GAP = {
    _gap(f'{_OF}["acc"][-1]', f'{_OF}["val_acc"][-1]'): "did you mean 'accuracy'?",
    _gap('better_history["accuracy"][-1]', "1"): 'better_history.history["accuracy"]',
    _gap("better_history.accuracy[-1]", "1"): 'better_history.history["accuracy"]',
    _gap(f"{_OF}[accuracy][-1]", "1"): 'no quotes|"accuracy"',
    _gap(f'{_OF}["accuracy"]', f'{_OF}["val_accuracy"]'): "a whole list|[-1]",
    _gap(f'{_OF}["accuracy"][10]', "1"): "no entry of that number|-1",
    _gap('"0.98"', "0.9"): "a text",
    _gap(f'{_OF}["val_accuracy"][-1]', f'{_OF}["accuracy"][-1]'): "in that order",
}

WRONG: list[Wrong] = [
    Wrong(lesson, gap, answer, tuple(filter(None, told.split("|"))))
    for lesson, gaps in (
        (
            "dense-network",
            {
                "flatten": _FLATTEN,
                "hidden-layer": _HIDDEN,
                "output-layer": _OUTPUT,
                "compile": _COMPILE,
                "fit": _FIT,
                "evaluate": _EVALUATE,
                "answers": _ANSWERS,
                "save": _SAVE,
            },
        ),
        ("preparing-data", {"shape": _SHAPE, "scale": _SCALE, "one-hot": _ONE_HOT}),
        ("improving-your-network", {"better": _BETTER, "fit": _TRAIN, "gap": _GAP}),
    )
    for gap, answers in gaps.items()
    for answer, told in (answers | FORMS.get((lesson, gap), {})).items()
]
