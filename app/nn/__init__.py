"""A small neural network library: NumPy arrays in, NumPy arrays out."""

from app.nn.activations import ReLU, Sigmoid, Tanh
from app.nn.averaging import ExponentialAverage
from app.nn.clipping import clip_gradients
from app.nn.conv import Conv2D, col2im, im2col
from app.nn.ctc import BLANK, columns_needed, ctc_loss
from app.nn.dense import Columns, Dense, Flatten
from app.nn.gradient_check import gradient_check, numerical_gradient
from app.nn.inference import Inference
from app.nn.initialisers import Initialiser, glorot_uniform, he_normal, zeros
from app.nn.losses import cross_entropy, log_softmax, softmax
from app.nn.namespace import array_namespace
from app.nn.normalisation import BatchNorm, Dropout
from app.nn.optimisers import SGD, AdamW
from app.nn.pooling import AvgPool2D, MaxPool2D
from app.nn.residual import Residual
from app.nn.schedules import constant, cosine, one_cycle, step_decay
from app.nn.sequential import Sequential, fold_batch_norm
from app.nn.types import Array, Cache, Layer, Params

__all__ = [
    "BLANK",
    "SGD",
    "AdamW",
    "Array",
    "AvgPool2D",
    "BatchNorm",
    "Cache",
    "Columns",
    "Conv2D",
    "Dense",
    "Dropout",
    "ExponentialAverage",
    "Flatten",
    "Inference",
    "Initialiser",
    "Layer",
    "MaxPool2D",
    "Params",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "array_namespace",
    "clip_gradients",
    "col2im",
    "columns_needed",
    "constant",
    "cosine",
    "cross_entropy",
    "ctc_loss",
    "fold_batch_norm",
    "glorot_uniform",
    "gradient_check",
    "he_normal",
    "im2col",
    "log_softmax",
    "numerical_gradient",
    "one_cycle",
    "softmax",
    "step_decay",
    "zeros",
]
