"""Classifiers of shape parameters: they compute what they say, and files that do not fit are refused."""

import io

import numpy as np
import pytest

from mirror_core.errors import ModelError, ShapeError
from mirror_tracking.shape_classifier import Forest, Logistic, ShapeClassifier, fingerprint
from mirror_tracking.shape_model import ShapeModel, shared_shape_model

MODEL = shared_shape_model()
K = MODEL.count


def logistic() -> Logistic:
    weights = np.zeros((3, K))
    weights[1, 0], weights[2, 1] = 2.0, -1.0
    return Logistic(weights, np.array([0.5, 0.0, -0.25]))


def forest() -> Forest:
    """Two trees: one asks for parameter 0 and then 3, one has only a leaf."""
    return Forest(
        roots=np.array([0, 5], np.int32),
        feature=np.array([0, 0, 3, 0, 0, 0], np.int32),
        threshold=np.array([0.5, 0, -1.0, 0, 0, 0]),
        left=np.array([1, -1, 3, -1, -1, -1], np.int32),
        right=np.array([2, -1, 4, -1, -1, -1], np.int32),
        share=np.array([[0.5, 0.5], [1, 0], [0.2, 0.8], [0.4, 0.6], [0, 1], [0.3, 0.7]]),
    )


def face(**values: float):
    parameters = np.zeros(K, np.float32)
    for name, value in values.items():
        parameters[int(name[1:])] = value
    return parameters


def test_logistic_regression_is_the_softmax_of_its_scores():
    classifier = ShapeClassifier(("none", "wide", "tall"), logistic())
    found = classifier.probabilities(face(p0=1.0, p1=0.5))
    powers = np.exp([0.5, 2.0, -0.75])
    assert np.allclose(found, powers / powers.sum(), atol=1e-6)
    assert classifier.classify(face(p0=1.0))[0] == "wide"
    assert classifier.classify(face(p1=-3.0))[0] == "tall"


@pytest.mark.parametrize(
    ("parameters", "first_tree"),
    [
        (face(p0=0.5), (1, 0)),  # up to the threshold is left
        (face(p0=0.6, p3=-1.5), (0.4, 0.6)),
        (face(p0=0.6, p3=0.0), (0, 1)),
    ],
)
def test_a_forest_is_the_mean_of_its_trees(parameters, first_tree):
    classifier = ShapeClassifier(("no", "yes"), forest())
    expected = np.mean([first_tree, (0.3, 0.7)], axis=0)
    assert np.allclose(classifier.probabilities(parameters), expected)


@pytest.mark.parametrize(
    ("rule", "labels"), [(logistic(), ("none", "wide", "tall")), (forest(), ("no", "yes"))]
)
def test_a_classifier_survives_its_file(tmp_path, rule, labels):
    classifier = ShapeClassifier(labels, rule)
    (tmp_path / "one.npz").write_bytes(classifier.to_bytes())
    back = ShapeClassifier.load(tmp_path / "one.npz")
    assert (back.labels, back.method, back.shape_model) == (labels, classifier.method, "pca")
    parameters = np.random.default_rng(1).normal(size=K)
    assert np.array_equal(back.probabilities(parameters), classifier.probabilities(parameters))


def test_a_classifier_of_another_shape_model_is_refused(tmp_path):
    (tmp_path / "one.npz").write_bytes(ShapeClassifier(("no", "yes"), forest()).to_bytes())
    other = ShapeModel("pca", MODEL.mean, MODEL.components, MODEL.deviations * 2)
    assert fingerprint(other) != fingerprint(MODEL)
    with pytest.raises(ModelError, match="another shape model"):
        ShapeClassifier.load(tmp_path / "one.npz", other)


def _file(**values) -> bytes:
    with np.load(io.BytesIO(ShapeClassifier(("no", "yes"), forest()).to_bytes())) as file:
        arrays = dict(file) | values
    buffer = io.BytesIO()
    np.savez(buffer, **{key: value for key, value in arrays.items() if value is not None})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no zip", "no classifier in"),
        (_file(format=np.array(2)), "has format 2"),
        (_file(method=np.array("oracle")), "no classifier in"),
        (_file(share=None), "no classifier in"),
        (_file(left=np.array([1, -1, 3, -1, -1, 99], np.int32)), "no classifier in"),
        # A child before its parent could be walked round for ever.
        (_file(left=np.array([1, 0, 3, -1, -1, -1], np.int32)), "no classifier in"),
        (_file(roots=np.array([-1], np.int32)), "no classifier in"),
        (_file(labels=np.array(["one", "two", "three"])), "no classifier in"),
    ],
)
def test_what_is_no_classifier_is_refused_in_one_sentence(tmp_path, data, message):
    path = tmp_path / "bad.npz"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=message):
        ShapeClassifier.load(path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        ShapeClassifier.load(tmp_path / "none.npz")


def test_labels_rule_and_model_must_fit():
    with pytest.raises(ShapeError, match="3 classes"):
        ShapeClassifier(("one", "two"), logistic())
    with pytest.raises(ShapeError, match="different labels"):
        ShapeClassifier(("one", "one"), forest())
    with pytest.raises(ShapeError, match="does not fit a model"):
        ShapeClassifier(("one", "two"), Logistic(np.zeros((2, K + 1)), np.zeros(2)))


@pytest.mark.parametrize("parameters", [np.zeros(K - 1), np.zeros((1, K)), np.full(K, np.nan)])
def test_other_parameters_are_refused(parameters):
    with pytest.raises(ShapeError, match="finite shape parameters"):
        ShapeClassifier(("no", "yes"), forest()).probabilities(parameters)
