"""More answers to the lessons' gaps: other forms, other brackets, other places.

As in `wrong_answers`: what the check below each must say; to right ones, nothing.
"""

from __future__ import annotations


def _measured(entry: str, data: str = "test_images, test_labels") -> str:
    return f"measured = model.evaluate({data}, verbose=2)\ntest_acc = {entry}"


def _two(
    kind: str, train: str, test: str = "shaped_test.astype(pixel_type) / 255"
) -> str:
    return f"pixel_type = {kind}\ntrain_images = {train}\ntest_images = {test}"


def _encoded(train: str, classes: str = "10") -> str:
    return (
        f"num_classes = {classes}\ntrain_labels = {train}\n"
        "test_labels = to_categorical(raw_test_labels, num_classes)"
    )


def _shapes(train: str) -> str:
    return (
        f"input_shape = (28, 28, 1)\nshaped_train = {train}\n"
        "shaped_test = raw_test_images.reshape((1000, 28, 28, 1))"
    )


def _gap(training: str, validation: str) -> str:
    return (
        f"last_training = {training}\nlast_validation = {validation}\n"
        "gap = float(last_training - last_validation)"
    )


def _fit(arguments: str) -> str:
    return f"history = model.fit({arguments})"


_LAST = 'layers.Dense(num_classes, activation="softmax")'
_FIRST = "keras.Input(shape=input_shape), layers.Flatten()"
_MANY = 'layers.Dense(64, activation="relu")'
_OF = "better_history.history"
_RIGHT = ""

#: (lesson, gap) -> answer -> words that the check must use, with | between them.
FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("dense-network", "flatten"): {
        "model.add(Flatten(input_shape=train_images[0]))": "of one image",
        "model.add(Flatten(input_shape=28*28))": "is a tuple|a single number",
        "model.add(Flatten(input_shape=len(train_images)))": "is a tuple",
        "model.add(Flatten(input_shape(28, 28, 1)))": "no function|= missing",
        "model.add(Flatten(input_shape={28, 28, 1}))": "a set, which has no order",
        "model.add(Flatten(shape=input_shape))": "Flatten takes: input_shape",
        "model.add(Flatten(input_shape==input_shape))": "one sign",
        "model.add(Flatten(input_shape:input_shape))": "by =, not by a colon",
        "model.add(Flatten(input_shape=todo((28, 28, 1))))": "stands round the answer",
        "model.append(Flatten(input_shape=input_shape))": "did you mean add?",
        "add(Flatten(input_shape=input_shape))": "write model.add(...)",
        "# model.add(Flatten(input_shape=input_shape))": "yours is in none",
        "model.add\n(Flatten(input_shape=input_shape))": "yours is in none",
        "model.add(Flatten(input_shape=[28, 28, 1]))": _RIGHT,
        "model.add(Flatten(input_shape=train_images[0].shape))": _RIGHT,
        "model.add(keras.Input(input_shape))\nmodel.add(Flatten())": _RIGHT,
        "model = Sequential([Flatten(input_shape=input_shape)])": _RIGHT,
    },
    ("dense-network", "hidden-layer"): {
        'model.add(Dense(16, activation=["relu"]))': "a single word|without brackets",
        "model.add(Dense(16, activation=True))": "a word; here stands True",
        'model.add(Dense(16, activation="ReLU function"))': "did you mean 'relu'?",
        "model.add(Dense(16, relu=True))": 'write activation="relu"',
        'model.add(Dense(neurons=16, activation="relu"))': "did you mean units=?",
        'model.add(Dense(16), activation="relu")': "closes too soon|Dense(...)",
        'model.add(Dense(16; activation="relu"))': "a comma belongs",
        "model.add(Dense(16, activation=`relu`))": "The quotes",
        'model.add(Dense{16, activation="relu"})': "round ones belong",
        'model.add(Dense(16 + 0.0, activation="relu"))': "without a point: 16",
        'model.add(Dense(todo(16), activation="relu"))': "stands round the answer",
        'model.add(Dense(16, "relu"))': _RIGHT,
        "model.add(Dense(16, activation=keras.activations.relu))": _RIGHT,
        'model.add(Dense(16))\nmodel.add(keras.layers.Activation("relu"))': _RIGHT,
    },
    ("dense-network", "output-layer"): {
        'model.add(Dense(10, activation="softmax", use_bias=False))': "no biases",
        'model.add(Dense(num_classes, activation=todo("softmax")))': "stands round",
        "model.add(Dense(num_classes))\nmodel.add(keras.layers.Softmax())": _RIGHT,
        "model.add(Dense(num_classes, activation=keras.ops.softmax))": _RIGHT,
    },
    ("dense-network", "compile"): {
        'model.compile(loss="crossentropy")': "spelt as in the lesson",
        'model.compile(loss=1, optimizer="adam", metrics=["accuracy"])': "is a word",
        'model.compile("adam", "categorical_crossentropy", ["accuracy"])': (
            "give it its name|metrics=["
        ),
        'model.compile(loss="categorical_crossentropy", optimizer=["adam"])': (
            "a single word"
        ),
        'model.compile(optimizer=keras.optimizers.Adam, loss="mse")': "Adam()",
        'model.compile(loss="categorical_crossentropy", metrics={"accuracy"})': "a set",
        'model.compile("adam", "categorical_crossentropy", metrics=["acc", "loss"])': (
            "no metric called 'loss'"
        ),
        'compile(loss="categorical_crossentropy")': "write model.compile(...)",
        'model.compiled(loss="categorical_crossentropy")': "did you mean compile?",
        "model.fit(train_images, train_labels)": "not compiled",
        'model.compile("adam", "categorical_crossentropy", metrics=("AUC", "acc"))': (
            _RIGHT
        ),
        "model.compile(keras.optimizers.Adam(), keras.losses.CategoricalCrossentropy(),"
        " metrics=[keras.metrics.F1Score(), keras.metrics.CategoricalAccuracy()])": (
            _RIGHT
        ),
    },
    ("dense-network", "fit"): {
        _fit("train_images, train_labels, epochs, shuffle=True"): "size of a batch",
        _fit("raw_train_images, raw_train_labels, epochs=epochs"): "without raw_",
        _fit("(train_images, train_labels), epochs=epochs"): "no brackets round them",
        _fit("train_images.reshape(-1, 784), train_labels"): "as they are",
        _fit("images=train_images, labels=train_labels"): "did you mean x=?",
        "history = model.train(train_images, train_labels)": "did you mean fit?",
        "history = fit(train_images, train_labels)": "write model.fit(...)",
    },
    ("dense-network", "evaluate"): {
        _measured("measured[1] * 100"): "no percentage",
        _measured("f'{measured[1]:.1%}'"): "the text|no quotes",
        _measured("measured(1)"): "square brackets|measured[...]",
        _measured("measured.accuracy"): "by number",
        _measured("measured[1]", "test_images"): "The labels are missing",
        _measured("measured[1]", "test_labels, test_images"): "swapped",
        _measured("round(measured[1], 2)"): _RIGHT,
        "loss, test_acc = model.evaluate(test_images, test_labels)": _RIGHT,
        "measured = model.evaluate(test_images, test_labels, return_dict=True)\n"
        'test_acc = measured["accuracy"]': _RIGHT,
    },
    ("dense-network", "answers"): {
        "answers = argmax(probabilities, axis=1)": "write probabilities.argmax(...)",
        "answers = np.argmax(probabilities, axis=2)": "There is no axis 2",
        "answers = max(probabilities)": "whole array|array.argmax",
        "answers = probabilities.max()": "argmax its place",
        "answers = probabilities.argmax": "brackets are missing",
        "answers = probabilities.argmax(axis=1) + 1": "counted from 0",
        "answers = [str(d) for d in probabilities.argmax(axis=1)]": "no texts",
        "answers = probabilities.argmax(axis=1, keepdims=True)": "side by side",
        "answers = keras.ops.argmax(probabilities, axis=1)": _RIGHT,
        "answers = [row.argmax() for row in probabilities]": _RIGHT,
        "answers = np.argmax(probabilities, -1)": _RIGHT,
    },
    ("dense-network", "save"): {
        'model.save_weights("my_model.h5")': "save writes the whole network",
        'model.save(filepath="./my_model.h5", overwrite=True)': _RIGHT,
    },
    ("preparing-data", "shape"): {
        _shapes("reshape(raw_train_images, (6000, 28, 28, 1))"): (
            "write raw_train_images.reshape(...)"
        ),
        _shapes("raw_train_images.shape((6000, 28, 28, 1))"): "did you mean reshape?",
        _shapes("raw_train_images.reshape(todo((6000, 28, 28, 1)))"): "stands round",
        _shapes("raw_train_images[..., None]"): _RIGHT,
        _shapes("np.expand_dims(raw_train_images, -1)"): _RIGHT,
    },
    ("preparing-data", "scale"): {
        _two('"float32"', "shaped_train.astype(pixel_type) / 2,55"): "a point",
        _two(
            '"float32"', "raw_train_images.astype(pixel_type) / 255"
        ): "and not the raw",
        _two("32", "shaped_train.astype(pixel_type) / 255"): "no type of numbers",
        _two("np.float32", "shaped_train.astype(pixel_type) / 255.0"): _RIGHT,
    },
    ("preparing-data", "one-hot"): {
        _encoded("to_categorical(raw_train_labels, num_classes)", "10.0"): (
            "num_classes=10.0|without a point: 10"
        ),
        _encoded("to_categorical(raw_train_images, num_classes)"): "are no labels",
        _encoded("raw_train_labels.to_categorical(10)"): "it stands alone",
        _encoded("to_categorical(num_classes, raw_train_labels)"): "swapped",
        _encoded("np.eye(10)[raw_train_labels]"): _RIGHT,
        _encoded("to_categorical(raw_train_labels)"): _RIGHT,
    },
    ("improving-your-network", "better"): {
        f"better_model = keras.Sequential({_FIRST}, {_MANY}, {_LAST})": "as one list",
        f"better_model = keras.Sequential([{_FIRST}, keras.Dense(9), {_LAST}])": (
            "write keras.layers.Dense"
        ),
        f"better_model = keras.Sequential([{_FIRST}, [128, 'relu'], {_LAST}])": (
            "where a layer belongs"
        ),
        f"better_model = keras.Sequential([{_FIRST}, layers.Dropout(50), {_LAST}])": (
            "rate is a share"
        ),
        "i = keras.Input(input_shape)\nx = layers.Flatten()(i)\n"
        "x = layers.Dense(64, activation='relu')(x)\nbetter_model = "
        "keras.Model(i, layers.Dense(10, activation='softmax')(x))": _RIGHT,
        f"better_model = keras.Sequential(({_FIRST}, {_MANY}, {_LAST}))": _RIGHT,
    },
    ("improving-your-network", "fit"): {
        "better_history = better_model.fit(train_images, train_labels, epochs=10, "
        "validation_split=0,2)": "a point, and no comma|validation_split=0.2",
        "better_history = better_model.fit(train_images, train_labels, epochs=10, "
        "validation_split=20%)": "20 % is 0.2",
        "better_history = better_model.fit(train_images, train_labels, "
        "validation=0.2)": "validation_split",
    },
    ("improving-your-network", "gap"): {
        _gap(f'{_OF}("accuracy")[-1]', "0.9"): "square brackets",
        _gap(f"{_OF}.accuracy[-1]", "0.9"): '["accuracy"]',
        _gap("0,98", "0,94"): "a point, as 0.98, and no comma",
        _gap(f'{_OF}["accuracy"][-1] * 100', f'{_OF}["val_accuracy"][-1] * 100'): (
            "no percentage"
        ),
        _gap(f'{_OF}["accuracy"][9]', f'{_OF}["val_accuracy"][9]'): _RIGHT,
    },
}
