"""A kind of task: its name, and the facts about its answers that every stage may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from podium.tasks.protocols.names import PIXELS, TaskName

__all__ = ["PIXEL_DECISIONS", "Kind"]

PIXEL_DECISIONS = {
    "argmax": "each pixel is what is most probable",
    "threshold": "a pixel belongs to a mask from a probability of {} on",
}
"""Step of `decide` → how it decides the pixels of a mask, as a sentence; {} is its threshold."""


class Kind(str):
    """A kind of task, as `classify: multiclass`: its name as text, with facts about its answers.

    It is text where it is written, compared and hashed, so records hold its name. The same name may
    be a kind of both tasks, as multiclass is. Behind the name of several outputs stands how many
    classes each has, as "multioutput[168,11,7]": all that decisions need. Behind that of quantiles
    stand their levels, as "quantiles[0.1,0.5,0.9]".

    An "answer" is that of one image (classify) or of one pixel (segment); "outputs" are the
    network's, C of them an answer.

    Args:
        name: as in `tasks:` of `competition.yaml`; the name of its folder.
        task: of images or of pixels.
        facts: those of the attributes below that are not as they stand here.

    Attributes:
        is_exclusive: an answer is one class of several: softmax and argmax.
        is_yes_no: an answer is yes or no, from one probability.
        is_by_class: an answer is yes or no for each class, from C probabilities.
        is_by_output: of the classes of each of several outputs it is yes for one.
        sizes: how many classes each output has, where it is known: of one competition.
        is_by_level: an answer is one number, and outputs are its quantiles at the levels that
            `classes` are.
        levels: the levels in ascending order, where they are known: of one competition.
        is_ordered: an answer is one class of an order, from one rating.
        is_continuous: an answer is a real number, or several; there are no classes to count. Where
            `needs_classes` is set, they name the columns of predictions.
        is_circular: numbers wrap around, as 0 and 360 degrees are one direction.
        finds_objects: an answer is a set of single objects; networks learn `trained_as` instead.
        fixed_outputs: number of outputs, whatever the classes; None: one a class.
        has_background: one output more than classes, the first.
        needs_classes: `classes` must be given; else they may, unless `refuses_classes`.
        refuses_classes: `classes` must not be given.
        trained_as: for objects, the kinds that networks learn instead, without and with classes.
        turns_with_image: a flip or turn of the image changes an answer (of images).
        moves_with_image: so does a shift, a crop or a scale.
        usual_metric: name of the metric where the spec is inferred.
        usual_loss: the losses where a recipe gives none, each with its weight, or with its weight
            and options as a recipe writes them.
        cell: name of the value that a cell of a submission usually holds.
        description: what an answer is, in words.
    """

    task: TaskName
    is_exclusive: bool = False
    is_yes_no: bool = False
    is_by_class: bool = False
    is_by_output: bool = False
    sizes: tuple[int, ...] = ()
    is_by_level: bool = False
    levels: tuple[float, ...] = ()
    is_ordered: bool = False
    is_continuous: bool = False
    is_circular: bool = False
    finds_objects: bool = False
    fixed_outputs: int | None = None
    has_background: bool = False
    needs_classes: bool = False
    refuses_classes: bool = False
    trained_as: tuple[str, str] | None = None
    turns_with_image: bool = False
    moves_with_image: bool = False
    usual_metric: str = ""
    usual_loss: Mapping[str, Any] = MappingProxyType({})
    cell: str = ""
    description: str = ""

    def __new__(cls, name: str, task: TaskName, **facts: Any) -> Kind:
        """Return the text `name` with its facts; TypeError: there is no such fact."""
        if unknown := facts.keys() - cls.__annotations__.keys():
            raise TypeError(f"a kind has no {', '.join(sorted(unknown))}")
        kind = super().__new__(cls, name)
        vars(kind).update(facts, task=task)
        return kind

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a look-up by name: a kind is one object in a process."""
        from podium.tasks.protocols.find import find_kind

        if vars(self) == vars(find_kind(self.task, str(self))):
            return find_kind, (self.task, str(self))
        return _with_facts, (str(self), dict(vars(self)))

    def with_facts(self, **facts: Any) -> Kind:
        """Return the kind as it is in one competition, with other facts; it is equal as text."""
        return _with_facts(str(self), {**vars(self), **facts})

    @property
    def plain_name(self) -> str:
        """The name without sizes, which is that of its folder.

        Example:
            >>> from podium.tasks.protocols.find import image_kind
            >>> image_kind("multioutput[168,11,7]").plain_name
            'multioutput'
        """
        return str(self).partition("[")[0]

    @property
    def named(self) -> str:
        """The name with its article, as "an ordinal"."""
        return f"{'an' if self[0] in 'aeiou' else 'a'} {self.plain_name}"

    @property
    def is_of_pixels(self) -> bool:
        """Whether answers are of pixels or objects, not of whole images."""
        return self.task == PIXELS

    @property
    def is_single(self) -> bool:
        """Whether a network has one output an answer, so that the last axis may be left out."""
        return self.fixed_outputs == 1

    @property
    def is_prob(self) -> bool:
        """Whether outputs are probabilities: in [0, 1], averaged as odds, ranked, thresholded."""
        return not (self.is_ordered or self.is_continuous)

    @property
    def has_number_columns(self) -> bool:
        """Whether a prediction is a real number for each of `classes`."""
        return self.is_continuous and self.needs_classes

    @property
    def is_by_column(self) -> bool:
        """Whether an answer is a real number for each of `classes`, which name its columns."""
        return self.has_number_columns and not self.is_by_level

    @property
    def is_wide(self) -> bool:
        """Whether an answer has one part a class or column: the truth is `(N, C)`."""
        return self.is_by_class or self.is_by_column

    @property
    def is_rating(self) -> bool:
        """Whether the one output is a number and not a probability: ordinal, regression."""
        return self.is_single and not self.is_prob

    @property
    def is_class(self) -> bool:
        """Whether the truth is the index of one class: multiclass, ordinal (binary: 0 and 1)."""
        return self.is_exclusive or self.is_ordered

    @property
    def is_counted(self) -> bool:
        """Whether the truth is one whole number, a class or 0 and 1, so that it can be counted."""
        return self.is_class or self.is_yes_no

    @property
    def is_thresholded(self) -> bool:
        """Whether each probability is decided by a threshold of its own: binary, multilabel."""
        return self.is_yes_no or (self.is_by_class and not self.is_by_output)

    @property
    def is_one_class(self) -> bool:
        """Whether probabilities decide for one class or its absence: multiclass, binary."""
        return self.is_exclusive or self.is_yes_no

    @property
    def plain_decision(self) -> str:
        """How an answer is decided without tuning, in words; "" where nothing is decided."""
        if self.is_of_pixels:
            if self.is_exclusive:
                return PIXEL_DECISIONS["argmax"]
            return PIXEL_DECISIONS["threshold"].format(0.5)
        if self.is_exclusive:
            return "an image has its most probable class"
        if self.is_ordered:
            return "an image has the class that is nearest to its rating"
        if self.is_by_output:
            return "an image has the most probable class of each output"
        if self.is_thresholded:
            what = "is positive" if self.is_yes_no else "has a label"
            return f"an image {what} from a probability of 0.5 on"
        return ""

    def n_outputs(self, n_classes: int) -> int:
        """Return the number of a network's outputs for an answer, C."""
        if self.fixed_outputs is not None:
            return self.fixed_outputs
        return n_classes + self.has_background


def _with_facts(name: str, facts: dict[str, Any]) -> Kind:
    return Kind(name, **facts)
