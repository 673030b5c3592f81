"""Visible checks of `dense-network`: each stops with expected, found and a hint."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.lesson import cells
from fairgrade.lesson.checks import expect
from fairgrade.lesson.fit_calls import note_calls
from fairgrade.lesson.histories import accuracy_in, is_accuracy
from fairgrade.lesson.networks import (
    Compiled,
    about_loss,
    compiled,
    image_shape,
    is_network,
    not_gradable,
    steps,
    training_steps,
)
from fairgrade.lesson.networks import (
    answers as answers_of,
)
from fairgrade.lesson.spelling import is_word, near, words_for
from fairgrade.lesson.terms import call_samples

IMAGE_SHAPE = (28, 28, 1)
TRAINING_IMAGES = 60_000
CLASSES = 10
#: After so many batches a network that learns is right in far more than half.
ENOUGH_BATCHES, LEARNS = 1_000, 0.5
#: White is 1; what is divided by 255 twice ends at 0.004.
LEAST_WHITE = 0.1
_OWN = "(own)"
_ABOUT_SHAPE = {
    (784,): "784 is what Flatten makes of an image; what goes in is still a picture",
    (28, 28): "a grey image has a third number, for its one channel",
}
_ABOUT_ACCURACY = (
    "test images and test labels; and the loss comes first, the accuracy second"
)
NO_SOFTMAX = (
    "without softmax the outputs are no probabilities: under the loss of step 5 such "
    "a network stays near 10 %, as good as guessing"
)
LOGITS = (
    "from_logits=True makes probabilities for the loss alone, which learns as well; "
    "the lesson's network gives them itself"
)

cells.watch()  # so that a check can tell which cell above it has stopped
call_samples("image", "images", "rows, columns, ...")


def flatten(model: Any) -> None:
    """Stop unless the network starts with Flatten, for one image's shape."""
    found = steps(model)
    expect(
        [step.kind for step in found] == ["Flatten"],
        "The network does not start with one Flatten layer.",
        "Flatten, and nothing else so far",
        _layers(model),
        _about_order(model, ["Flatten"]),
    )
    expect(
        image_shape(model) == IMAGE_SHAPE,
        "Flatten does not know the shape of one image.",
        IMAGE_SHAPE,
        image_shape(model) or "no shape",
        _about_shape(image_shape(model)),
    )
    print("Flatten turns each image into a row of 784 numbers.")


def _about_shape(shape: tuple | None) -> str:
    if shape and shape[1:] == IMAGE_SHAPE:
        return f"one image, not all of them: leave the {shape[0]:,} out"
    known = "the name for it was set where the data was prepared"
    return _ABOUT_SHAPE.get(shape or (), known)


def hidden_layer(model: Any) -> None:
    """Stop unless Flatten is followed by the hidden layer."""
    waits = _say_what_waits(model)
    found = steps(model)
    in_order = [step.kind for step in found] == ["Flatten", "Dense"]
    if waits and not in_order:  # a layer of one's own is for a person
        return
    expect(
        in_order,
        "There should be two layers now.",
        "Flatten, Dense",
        _layers(model),
        _about_order(model, ["Flatten", "Dense"]),
    )
    expect(
        found[1].units == 16,
        "The hidden layer has another number of neurons.",
        16,
        found[1].units,
        "it is the first argument of Dense",
    )
    expect(
        found[1].activation == "relu" or _OWN in str(found[1].activation),
        "The hidden layer has another activation.",
        "relu",
        found[1].activation,
        "name the one that turns negative numbers into 0",
    )
    print("The hidden layer is in place: 16 neurons with relu.")


def output_layer(model: Any) -> None:
    """Stop unless the network ends in ten probabilities."""
    waits = _say_what_waits(model)
    found = steps(model)
    last = found[-1] if found else None
    in_order = [step.kind for step in found] == ["Flatten", "Dense", "Dense"]
    if waits and not in_order:
        return
    expect(
        in_order,
        "There should be three layers now.",
        "Flatten, Dense, Dense",
        _layers(model),
        _about_order(model, ["Flatten", "Dense", "Dense"]),
    )
    assert last is not None
    expect(
        last.units == 10,
        "The network should end in ten neurons.",
        10,
        last.units,
        "one neuron for each digit",
    )
    expect(
        last.activation == "softmax" or _OWN in str(last.activation),
        "The output layer does not give probabilities.",
        "softmax",
        last.activation,
        LOGITS if compiled(model).from_logits else NO_SOFTMAX,
    )
    biases = [layer for layer in model.layers if getattr(layer, "use_bias", True)]
    expect(
        len(biases) == len(model.layers),
        "A layer has no biases.",
        "a bias for each neuron",
        "use_bias=False",
        "leave use_bias out, and run again from Sequential()",
    )
    print("The network ends in ten probabilities.")


def _layers(model: Any) -> str:
    """What a network is made of so far, in one line."""
    if not is_network(model):
        return f"model is {type(model).__name__.replace('NoneType', 'None')}"
    return ", ".join(map(str, steps(model))) or "no layer"


def _about_order(model: Any, kinds: list[str]) -> str:
    """Why other layers than these may be there."""
    if not is_network(model):
        return (
            "add gives nothing back: write model.add(...) without model = before it, "
            "and run again from Sequential()"
        )
    found = [step.kind for step in steps(model)]
    if len(found) < len(kinds):
        if cells.above_calls("add") is False:
            return "model.add(...) puts a layer into the network; yours is in none"
        return "run the cells from Sequential() on, each one once"
    if len(found) > len(kinds):
        return (
            "each add() adds one more layer, also when a cell runs again: run again "
            "from Sequential(), each cell once"
        )
    return f"this step is for a {kinds[-1]} layer; run again from Sequential()"


def compile_arguments(model: Any) -> None:
    """Stop unless loss, optimiser and metric fit ten one-hot classes."""
    _say_what_waits(model)
    found = compiled(model)
    expect(
        bool(found.loss or found.optimizer),
        "The network is not compiled.",
        "a loss, an optimizer and metrics",
        "nothing",
        "run the cell with compile; after a change of layers, too",
    )
    _say_what_is_own(found)
    expect(
        found.loss == "categorical_crossentropy" or _OWN in found.loss,
        "This loss does not fit one-hot labels of ten classes.",
        "categorical_crossentropy",
        found.loss or "none",
        about_loss(found.loss) or _meant(found.loss, "loss"),
    )
    expect(
        found.optimizer == "adam" or _OWN in found.optimizer,
        "Another optimizer than this lesson's is set.",
        "adam",
        found.optimizer or "none",
        "step 5 names the one to use; give it as a string, in quotes",
    )
    unknown = [
        name for name in found.metrics if _OWN not in name and not _is_metric(name)
    ]
    expect(
        not unknown,
        "Keras does not know this metric.",
        "names of metrics, as accuracy",
        ", ".join(unknown),
        _meant(unknown[0] if unknown else "", "metrics"),
    )
    expect(
        bool({"accuracy", "categorical_accuracy"} & set(found.metrics))
        or any(_OWN in name for name in found.metrics),
        "The share of right answers is not measured.",
        "accuracy among the metrics",
        ", ".join(found.metrics) or "no metric",
        _meant(found.metrics[0] if found.metrics else "", "metrics"),
    )
    print("Compiled: the network is ready to learn.")


def _is_metric(name: str) -> bool:
    """Whether Keras has a metric of that name, written in whatever way."""
    known = {word.replace("_", "") for word in words_for("metrics")}
    return name.replace("_", "") in known or is_word("metrics", name)


def _meant(word: str, setting: str) -> str:
    """What a word was meant for that Keras does not know."""
    meant = near(word, words_for(setting)) if word else ""
    if meant and meant != word:
        return f"did you mean '{meant}'?"
    if setting == "loss":
        return "the labels are categories, each written as ten numbers"
    return "metrics takes a list of names; step 5 has the name"


def watch_fit(model: Any) -> dict[str, Any]:
    """Note how `fit` is called, for the checks on training; one line an epoch.

    `fit` runs as it is called, whatever it is given; where it cannot work, the error
    is explained in the lesson's terms.

    Returns:
        A dict that `fit` fills: see `fairgrade.lesson.fit_calls`.
    """
    return note_calls(model, lambda given, err: _explain(model, given, err))


def _explain(model: Any, given: Mapping[str, Any], err: Exception) -> None:
    """Say in the lesson's terms why `fit` cannot work, where it is known.

    Raises:
        CheckFailed: with the likeliest cause.
    """
    try:
        _fits(model, given.get("x"), given.get("y"))
    except AssertionError as known:
        raise known from err


def _fits(model: Any, images: Any, labels: Any) -> None:
    """Stop where it is plain that `fit` cannot work with these."""
    found = compiled(model)
    expect(
        bool(found.loss),
        "The network is not compiled, so it cannot learn.",
        "a loss and an optimizer",
        "none",
        "run the cell of step 5, then this one",
    )
    shape = tuple(getattr(images, "shape", ()))
    stream = hasattr(images, "__iter__") and not isinstance(images, (str, list, tuple))
    if stream and not shape:  # Keras knows best what is wrong with its batches
        return
    expect(
        shape[1:] == IMAGE_SHAPE,
        "What fit gets first are not the images.",
        f"images of shape {IMAGE_SHAPE}",
        f"an array of shape {shape}" if shape else _kind(images),
        _about_images(images, shape),
    )
    takes = image_shape(model)
    expect(
        takes in (None, IMAGE_SHAPE),
        "The network does not take these images.",
        f"a first layer for images of shape {IMAGE_SHAPE}",
        f"one for {takes}",
        "see the input_shape of step 2, and run again from Sequential()",
    )
    shape = tuple(getattr(labels, "shape", ()))
    expect(
        found.loss != "categorical_crossentropy" or shape[1:] == (CLASSES,),
        "The labels are not one-hot.",
        f"a row of {CLASSES} numbers for each image",
        f"an array of shape {shape}" if shape else _kind(labels),
        "fit takes the labels after the images"
        if labels is None
        else "the prepared labels are called train_labels, without raw_",
    )
    outputs = _outputs(model)
    expect(
        outputs in (None, CLASSES) or not shape,
        "The network does not end in ten numbers.",
        f"{CLASSES}, one for each digit",
        outputs,
        "see step 4, and run again from Sequential()",
    )
    expect(
        "sparse" not in found.loss or shape[1:] != (CLASSES,),
        "This loss does not fit one-hot labels of ten classes.",
        "categorical_crossentropy",
        found.loss,
        "see step 5: compile with the other loss, then run this cell again",
    )
    expect(
        not shape or len(labels) == len(images),
        "There are not as many labels as images.",
        f"{len(images):,} labels for {len(images):,} images",
        f"{shape[0] if shape else 0:,} labels",
        "images and labels come from the same set: both train_, or both test_",
    )


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__


def _outputs(model: Any) -> int | None:
    """How many numbers the network ends in; None where that is not known."""
    shape = getattr(model, "output_shape", None) if model.built else None
    return shape[-1] if isinstance(shape, tuple) and len(shape) == 2 else None


def _about_images(images: Any, shape: tuple) -> str:
    if isinstance(images, str):
        return "a name has no quotes; in quotes it is only a text"
    if isinstance(images, (tuple, list)) and len(images) == 2:
        return "images and labels are two values: no brackets round them"
    if shape[1:] == IMAGE_SHAPE[:2]:
        return "the prepared images are called train_images, without raw_"
    if shape[1:] == (np.prod(IMAGE_SHAPE),):
        return "flattening is the network's first step: give it the images as they are"
    return "first the images, then the labels"


def _say_what_waits(model: Any) -> bool:
    """Tell at the desk what no grader can measure, if anything; it stops nothing."""
    reason = not_gradable(model)
    if reason:
        print(f"{reason} That cannot be measured: a person will mark it.")
    return bool(reason)


def _say_what_is_own(found: Compiled) -> None:
    """Tell which settings of compile are code of one's own; it stops nothing."""
    names = (found.loss, found.optimizer, *found.metrics)
    if own := ", ".join(name for name in names if _OWN in name):
        print(f"No grader can measure {own}: a person may have to mark it.")


def training(model: Any, fit_settings: dict[str, Any], epochs: int) -> None:
    """Stop unless the network was trained on all images, shuffled, for all epochs."""
    expect(
        training_steps(model) > 0 or fit_settings.get("calls", 0) > 0,
        "The network has not been trained.",
        "fit has run",
        "0 batches learnt from",
        "call fit on the training images and labels",
    )
    expect(
        fit_settings.get("begun") != 0,
        "The network has learnt, but not by the fit that is watched.",
        "fit called on the network of step 5",
        "no call of its fit",
        "run again from Sequential(); else a person will mark how it was trained",
    )
    expect(
        fit_settings.get("calls", 0) > 0,
        "fit did not run to its end.",
        "fit has run without an error",
        "it began, and was stopped",
        "see what the cell with fit says; run from Sequential() again",
    )
    _on_the_right_images(model, fit_settings)
    asked, in_all = fit_settings.get("epochs"), fit_settings.get("epochs_in_all")
    expect(
        epochs in (asked, in_all),
        "fit ran for another number of epochs.",
        epochs,
        in_all or asked,
        "without a name, the third value is the size of a batch: epochs=epochs"
        if fit_settings.get("batch_size") == epochs
        else "hand on the name epochs; without it fit stops after one",
    )
    expect(
        fit_settings.get("shuffle") is True,
        "The images were not shuffled.",
        True,
        fit_settings.get("shuffle"),
        "a fixed order teaches the order, too",
    )
    print(f"Trained for {epochs} epochs.")


def _on_the_right_images(model: Any, noted: Mapping[str, Any]) -> None:
    """Stop unless `fit` saw all training images, scaled, each with its own label."""
    samples = noted.get("samples")  # unknown where fit takes a stream of batches
    each, batch = noted.get("steps"), noted.get("batch_size")
    expect(
        samples in (None, TRAINING_IMAGES),
        "fit saw another number of images.",
        f"{TRAINING_IMAGES:,} training images",
        f"{samples or 0:,}",
        "train on all training images; the test images are its exam",
    )
    seen = each * batch if each and batch else TRAINING_IMAGES
    expect(
        seen >= TRAINING_IMAGES / 2,
        "fit saw only a part of the images.",
        f"{TRAINING_IMAGES:,} training images",
        f"at most {seen:,} an epoch",
        "give it all of them; a share for validation may be held back, a small one",
    )
    largest = noted.get("largest")
    expect(
        largest is None or largest <= 1,
        "The network was trained on unscaled pixels.",
        "pixels from 0 to 1",
        f"pixels up to {largest or 0:g}",
        "use the prepared images, train_images without raw_; divide no more, no less",
    )
    expect(
        largest is None or largest >= LEAST_WHITE,
        "The network was trained on images without any white.",
        "pixels from 0 to 1",
        f"pixels up to {largest or 0:g}",
        "the prepared images are divided once; divide no more",
    )
    learnt = noted.get("accuracy")
    many = (each or 0) * (noted.get("epochs_run") or 0) >= ENOUGH_BATCHES
    expect(
        learnt is None or not many or learnt >= LEARNS,
        "The network has learnt next to nothing.",
        "most training images told right",
        f"{learnt or 0:.0%} in the last epoch",
        "each image needs its own label: the same set, in the same order"
        if _ends_in_shares(model)
        else NO_SOFTMAX,
    )


def _ends_in_shares(model: Any) -> bool:
    last = steps(model)[-1:]
    return compiled(model).from_logits or any(s.activation == "softmax" for s in last)


def accuracy(records: Mapping[str, Any]) -> Any:
    """The accuracy among metrics by name, whatever your metric is called."""
    found = accuracy_in(records)
    expect(
        found is not None,
        "No accuracy was measured.",
        "accuracy among the metrics",
        ", ".join(records) or "no metric",
        "step 5 names the metric; compile, then train again",
    )
    return found


def saved(model: Any, reloaded: Any) -> None:
    """Stop unless the reloaded network is the one that was saved."""
    expect(
        training_steps(model) > 0,
        "The network was saved before it was trained.",
        "a trained network",
        "0 batches learnt from since it was compiled",
        "finish step 6, then save; compile only before it",
    )
    expect(
        reloaded is not model,
        "Nothing was read back from a file.",
        "a network read from my_model.h5",
        "the trained network itself, under a second name",
        "load the file that save has written",
    )
    expect(
        steps(model) == steps(reloaded),
        "The reloaded network has other layers.",
        ", ".join(map(str, steps(model))),
        ", ".join(map(str, steps(reloaded))) or "no layer",
        "save and reload the same file",
    )
    print("Saved, and read back: the same network.")


def test_accuracy(model: Any, images: Any, labels: Any, value: Any) -> None:
    """Stop unless `value` is the network's accuracy on the test images.

    Args:
        images, labels: of the test, (n, 28, 28, 1) and n digits.
        value: what was read off the answer of `evaluate`.
    """
    expect(
        isinstance(value, Real) and not isinstance(value, bool),
        "test_acc is not one number.",
        "a number, such as 0.95",
        f"the text {value!r}" if isinstance(value, str) else type(value).__name__,
        "a number has no quotes, and no % behind it"
        if isinstance(value, str)
        else "evaluate returns two numbers in a list; read off one of them",
    )
    found = answers_of(model, images)
    if found is None:  # a network that cannot be asked here: the hidden test tells
        print(f"test_acc is {float(value):.1%}.")
        return
    right = float(np.mean(found.argmax(axis=-1) == labels))
    expect(
        is_accuracy(float(value), right),
        "test_acc is not the accuracy on the test images.",
        f"the share of right answers among {len(images):,} test images",
        f"{float(value):.4f}",
        "a share from 0 to 1, and no percentage: leave it as evaluate gives it"
        if is_accuracy(float(value) / 100, right)
        else _ABOUT_ACCURACY,
    )
    print(f"Test accuracy: {float(value):.1%}")


def _about_form(answers: Any, shape: tuple, images: int) -> str:
    """Why answers may have another form than one digit for each image."""
    if callable(answers):
        return "brackets are missing: a method is called, as argmax(...)"
    if isinstance(answers, str):
        return "without quotes: in quotes it is only a text"
    if isinstance(answers, (float, np.floating)):
        return "max gives a number itself; argmax its place, with axis=1 in each row"
    if shape == ():
        return "without axis, argmax takes all numbers for one long row"
    if shape == (CLASSES,):
        return "axis=0 goes down the columns and finds an image for each digit"
    if shape == (images, 1):
        return "numbers side by side, and no list in each row: [:, 0] takes them out"
    if len(shape) == 1:
        return "the answers to all of the test images"
    return "one answer a row: go along each row, with argmax and axis=1"


def _about_digits(answers: Any, right: Any) -> str:
    """Why answers of the right form may hold other digits."""
    if answers.dtype.kind not in "iufb":
        return "digits are numbers, and no texts"
    if np.array_equal(answers, right + 1):
        return "places are counted from 0, so the place is the digit: add nothing"
    if np.mean(answers == right) > LEARNS:
        return "what the network says counts here, and not what is right"
    return "argmax gives places; max gives the numbers themselves"


def read_off(probabilities: Any, answers: Any) -> None:
    """Stop unless `answers` names the digit with the highest probability, by image.

    Args:
        probabilities: ten for each image, (n, 10).
    """
    right = np.argmax(probabilities, axis=1)
    try:
        shape = np.shape(answers)
    except ValueError:  # rows of several lengths
        shape = ()
    expect(
        shape == right.shape,
        "answers does not hold one digit for each image.",
        f"an array of shape {right.shape}",
        f"one of shape {shape}" if shape else type(answers).__name__,
        _about_form(answers, shape, len(right)),
    )
    same = np.asarray(answers) == right
    expect(
        bool(np.all(same)),
        "answers holds other digits than the highest probabilities.",
        "the place of the highest number in each row",
        f"another digit for {int(np.sum(~same)):,} images",
        _about_digits(np.asarray(answers), right),
    )
    print(f"Read off: one digit for each of {len(right):,} images.")


def written(name: str) -> Path:
    """The whole path of a file that a network was saved in; stop if it is not there."""
    file = Path(name).resolve()
    others = sorted(
        p.name for kind in ("h5", "keras") for p in Path().glob(f"*.{kind}")
    )
    expect(
        file.is_file(),
        "The network is not in its file yet.",
        f"a file called {name}",
        ", ".join(others) or "no saved network",
        "save it under exactly this name, in quotes",
    )
    return file


def same_numbers(model: Any, reloaded: Any) -> None:
    """Stop unless a network came back with the weights it was saved with."""
    ours, theirs = model.get_weights(), reloaded.get_weights()
    expect(
        len(ours) == len(theirs)
        and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True)),
        "The file holds other numbers than the trained network.",
        f"the same {model.count_params():,} parameters",
        "others: from before the last training, or of another network",
        "run the cell with save again, after training",
    )
