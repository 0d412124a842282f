"""Spaces: what is drawn lies in them, and what was drawn can be put in the queue again."""

import math

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import UsageError
from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@st.composite
def ranges(draw):
    whole = draw(st.booleans())
    number = st.integers(1, 50) if whole else st.floats(0.01, 50).map(lambda one: round(one, 2))
    low, width, kind = draw(number), draw(number), draw(st.sampled_from(["plain", "log", "step"]))
    if kind == "step":
        count = draw(st.integers(1, 9))
        return NumberRange(
            low, low + count * width if whole else round(low + count * width, 2), step=width
        )
    return NumberRange(low, low + width, log=kind == "log")


@st.composite
def choices(draw):
    values = []
    for one in draw(st.lists(JSON, min_size=1, max_size=5)):
        try:
            CategoricalValues((*values, one))
        except UsageError:
            continue
        values.append(one)
    return CategoricalValues(tuple(values))


@st.composite
def spaces(draw):
    domains = draw(st.lists(ranges() | choices(), min_size=1, max_size=4))
    return SearchSpace(tuple(SearchParameter(f"p{i}", one) for i, one in enumerate(domains)))


@pytest.fixture(autouse=True)
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@given(spaces(), st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_what_is_drawn_lies_in_the_space_and_can_be_drawn_again(space, seed):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    first = study.ask()
    values = space.drawn(first)
    for one in space.parameters:
        value = values[one.name]
        assert one.domain.holds(value)
        if isinstance(one.domain, NumberRange):
            assert isinstance(value, int) == one.domain.is_whole
            if one.domain.step is not None:
                steps = (value - one.domain.low) / one.domain.step
                assert math.isclose(steps, round(steps), abs_tol=1e-6)
        else:
            assert any(value is each for each in one.domain.values)
    assert space.as_params(values) == first.params
    study.enqueue_trial(space.as_params(values))
    assert space.drawn(study.ask()) == values


@given(spaces(), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_trials_made_elsewhere_have_the_distributions_that_drawing_has(space, seed):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    trial = study.ask()
    params = space.as_params(space.drawn(trial))
    assert space.distributions() == trial.distributions
    made = optuna.create_trial(params=params, distributions=space.distributions(), value=1.0)
    study.add_trial(made)
    assert study.trials[-1].params == params


def test_some_values_are_put_in_the_queue_and_the_others_drawn():
    space = SearchSpace(
        (
            SearchParameter("lr", NumberRange(1e-4, 1e-1, log=True)),
            SearchParameter("n", NumberRange(1, 9)),
        )
    )
    study = optuna.create_study()
    study.enqueue_trial(space.as_params({"n": 7}))
    assert space.drawn(study.ask())["n"] == 7


def test_choices_keep_lists_and_mappings_apart_from_their_texts():
    values = ("weak", ["weak"], {"name": "cutmix", "alpha": 0.5}, None, True, 3)
    space = SearchSpace((SearchParameter("mix", CategoricalValues(values)),))
    study = optuna.create_study()
    drawn = []
    for one in values:
        study.enqueue_trial(space.as_params({"mix": one}))
        drawn.append(space.drawn(study.ask())["mix"])
    assert drawn == list(values)
    assert [one.params["mix"] for one in study.trials][1:3] == [
        '["weak"]',
        '{"name": "cutmix", "alpha": 0.5}',
    ]


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (lambda: NumberRange(2, 1), "from 2 to 1 is no range"),
        (lambda: NumberRange(1, 1), "no range"),
        (lambda: NumberRange(0.0, math.nan), "no range"),
        (lambda: NumberRange(0.0, math.inf), "no range"),
        (lambda: NumberRange(0, 10, log=True), "cannot begin at 0"),
        (lambda: NumberRange(1, 10, log=True, step=2), "has no step"),
        (lambda: NumberRange(1, 10, step=0), "leads nowhere"),
        (lambda: NumberRange(1, 10, step=0.5), "leads nowhere"),
        (lambda: NumberRange(0.0, 1.0, step=0.3), "write high: 0.9"),
        (lambda: CategoricalValues(()), "needs a value"),
        (lambda: CategoricalValues((1, True)), "True is there twice"),
        (lambda: CategoricalValues(("a", ["b"], '["b"]')), "there twice"),
        (lambda: CategoricalValues(({1, 2},)), "a choice cannot be"),
        (lambda: SearchSpace((SearchParameter("a", NumberRange(0, 1)),) * 2), "'a' is there twice"),
    ],
)
def test_what_cannot_be_drawn_is_refused(made, complaint):
    with pytest.raises(UsageError) as refused:
        made()
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"lr": 2.0}, "lr cannot be 2.0"),
        ({"n": 1.5}, "n cannot be 1.5"),
        ({"n": True}, "n cannot be True"),
        ({"c": 1}, "c cannot be 1"),
        ({"x": 1}, "'x' is no parameter"),
    ],
)
def test_values_outside_the_space_are_not_put_in_the_queue(values, complaint):
    space = SearchSpace(
        (
            SearchParameter("lr", NumberRange(0.0, 1.0)),
            SearchParameter("n", NumberRange(1, 9)),
            SearchParameter("c", CategoricalValues((True, "a"))),
        )
    )
    with pytest.raises(UsageError) as refused:
        space.as_params(values)
    assert complaint in str(refused.value)
