"""One reading of the arguments of `arrays`: what cannot be used is named in an error.

Lists, numpy arrays, series, frames and tensors are taken; class names in the place of numbers;
paths as text.
"""

from __future__ import annotations

from podium.workflows.api.arguments.columns import (
    in_order,
)
from podium.workflows.api.arguments.files import (
    class_numbers,
    competition,
    explaining_other_rows,
    ids_of,
    sample_file,
    table_file,
)
from podium.workflows.api.arguments.kinds import (
    kind,
    kind_of_probs,
    of_kind,
)
from podium.workflows.api.arguments.labels import (
    check_classes,
    check_pair,
    class_codes,
    codes,
    labelled,
    ordered_categories,
    pair,
    truth_of,
    yes_or_no,
)
from podium.workflows.api.arguments.masks import (
    decided_masks,
    masks,
    masks_by_id,
    options_of_masks,
    pair_of_masks,
    save_masks,
)
from podium.workflows.api.arguments.members import (
    are_sets,
    by_member,
    check_members,
    each_in_order,
    member_names,
    members,
    stacked,
)
from podium.workflows.api.arguments.plain import (
    Array,
    array,
    check_finite,
    check_order_of_rows,
    folds,
    frame_or_array,
    groups,
    is_listed,
    metric_named,
    numbers,
    path,
    refuse_masks,
    shown,
    squeezed,
    texts,
    vector,
    whole,
    whole_groups,
)

__all__ = [
    "Array",
    "are_sets",
    "array",
    "by_member",
    "check_classes",
    "check_finite",
    "check_members",
    "check_order_of_rows",
    "check_pair",
    "class_codes",
    "class_numbers",
    "codes",
    "competition",
    "decided_masks",
    "each_in_order",
    "explaining_other_rows",
    "folds",
    "frame_or_array",
    "groups",
    "ids_of",
    "in_order",
    "is_listed",
    "kind",
    "kind_of_probs",
    "labelled",
    "masks",
    "masks_by_id",
    "member_names",
    "members",
    "metric_named",
    "numbers",
    "of_kind",
    "options_of_masks",
    "ordered_categories",
    "pair",
    "pair_of_masks",
    "path",
    "refuse_masks",
    "sample_file",
    "save_masks",
    "shown",
    "squeezed",
    "stacked",
    "table_file",
    "texts",
    "truth_of",
    "vector",
    "whole",
    "whole_groups",
    "yes_or_no",
]
