"""Names that other libraries have for what podium calls otherwise: an error asks for podium's."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["OTHER_NAMES", "own_name"]

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    # Keys of a recipe.
    "lr": ("learning_rate", "base_lr", "max_lr", "init_lr", "lr0"),
    "batch_size": ("batch", "bs", "train_batch_size", "per_device_train_batch_size"),
    "epochs": ("num_epochs", "n_epochs", "max_epochs", "num_train_epochs", "nb_epoch"),
    "weight_decay": ("wd", "l2", "l2_regularization"),
    "warmup_epochs": ("warmup", "n_warmup_epochs"),
    "schedule": ("scheduler", "lr_scheduler", "lr_scheduler_type", "sched"),
    "clip_norm": ("clip_grad", "grad_clip", "gradient_clip_val", "max_grad_norm", "max_norm"),
    "accumulate": ("accumulate_grad_batches", "gradient_accumulation_steps", "grad_accum_steps"),
    "workers": ("num_workers", "dataloader_num_workers", "n_workers"),
    "seed": ("random_state", "random_seed", "manual_seed"),
    "precision": ("amp", "mixed_precision"),
    "ema_decay": ("ema", "model_ema", "model_ema_decay"),
    "label_smoothing": ("smoothing", "label_smoothing_factor"),
    "mixup": ("mixup_alpha",),
    "cutmix": ("cutmix_alpha",),
    "backbone": ("arch", "architecture", "encoder", "encoder_name", "model_name", "base_model"),
    "drop_path": ("drop_path_rate", "stochastic_depth"),
    "dropout": ("drop_rate", "dropout_rate"),
    "size": ("image_size", "img_size", "imgsz", "input_size", "resolution"),
    "early_stopping": ("early_stop",),
    # Losses.
    "ce": (
        "cross_entropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "nll",
        "softmax", "soft_target_cross_entropy",
    ),
    "bce": ("binary_cross_entropy", "bce_with_logits", "multilabel_soft_margin"),
    "mse": ("mean_squared_error", "l2"),
    "huber": ("smooth_l1",),
    "msle": ("mean_squared_logarithmic_error",),
    "jaccard": ("iou",),
    "lovasz": ("lovasz_softmax", "lovasz_hinge"),
    # Metrics.
    "mae": ("mean_absolute_error", "l1"),
    "rmse": ("root_mean_squared_error",),
    "auc": ("roc_auc", "roc_auc_score", "auroc", "binary_auroc"),
    "log_loss": ("cross_entropy", "logloss", "categorical_crossentropy", "binary_crossentropy"),
    "mcc": ("matthews_corrcoef", "matthews"),
    "kappa": ("cohen_kappa",),
    "qwk": ("quadratic_weighted_kappa", "quadratic_kappa"),
    "macro_f1": ("f1_macro",),
    "r2": ("r_squared",),
    # Keys of competition.yaml.
    "n": ("n_splits", "n_folds", "num_folds"),
}  # fmt: skip
"""Of each name of podium those of PyTorch, Keras, timm, Lightning, scikit-learn and others.

A name may stand with several: which is meant depends on where it is written.
"""


def own_name(name: str, known: Collection[str]) -> str | None:
    """Return the one of `known` that other libraries call `name`; None where there is none.

    Case, underscores and a `Loss` or `Score` at the end do not count.

    Example:
        >>> own_name("learning_rate", ["name", "lr"]), own_name("CrossEntropyLoss", ["bce", "ce"])
        ('lr', 'ce')
        >>> own_name("cross_entropy", ["accuracy", "log_loss"])
        'log_loss'
    """
    meant = _plain(name)
    for own in known:
        if meant in {_plain(one) for one in (own, *OTHER_NAMES.get(own, ()))}:
            return own
    return None


def _plain(name: str) -> str:
    letters = "".join(filter(str.isalnum, name)).lower()
    for end in ("loss", "score"):
        if letters.endswith(end) and letters not in ("logloss", end):
            letters = letters.removesuffix(end)
    return letters
