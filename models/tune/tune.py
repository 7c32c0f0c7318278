"""Trains a low-rank adapter for a Qwen2 model in a GGUF file, on the processor.

Only what stands behind the capsule is trained: the capsule is read once, by the model as it is, and stays a
constant; so one capsule serves the model with and without its adapter. See docs/tuning.md.

    tune.py --model MODEL.gguf --taught tokens.jsonl --out ADAPTER.gguf --minutes 100

Several files may be given, each with a constant part of its own.
"""

import argparse
import dataclasses
import hashlib
import json
import math
import os
import random
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import gguf
import numpy as np
import tensorflow as tf

# Tokens of one step, padding included.
STEP_TOKENS = 640
# The rank of each pair of matrices, and what their product is scaled by.
RANK = 8
SCALE = 2.0
PEAK_RATE = 2e-4
# The matrices that begin as nothing learn so much quicker than the others.
UP_RATE = 4.0
WARM_UP_STEPS = 20
# What the last step's rate is of the highest.
LAST_RATE = 0.05
CLIP = 1.0
# Of plans of one line, of which the bank is full, this share is taken.
SHARE_OF_SINGLES = 0.4
# How often an example of the files behind the first is taken for each time that one of the first is: they are few.
REPEATED = 4
# Of each file.
HELD_OUT = 64

LINEAR = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]


class Model:
    """The weights of a GGUF file, as bfloat16, and the matrices that are trained."""

    def __init__(self, path, first_trained, seed, begun):
        reader = gguf.GGUFReader(path)
        field = lambda name: reader.fields[f"qwen2.{name}"].contents()
        architecture = reader.fields["general.architecture"].contents()
        if architecture != "qwen2":
            sys.exit(f"{path} is of the architecture {architecture}; only qwen2 is known")
        self.layers = field("block_count")
        self.heads = field("attention.head_count")
        self.kv_heads = field("attention.head_count_kv")
        self.width = field("embedding_length")
        self.head = self.width // self.heads
        self.epsilon = field("attention.layer_norm_rms_epsilon")
        self.base = field("rope.freq_base")
        self.weights = {}
        for tensor in reader.tensors:
            whole = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            kind = tf.float32 if whole.ndim == 1 else tf.bfloat16
            self.weights[tensor.name] = tf.cast(tf.constant(whole), kind)
        if "output.weight" not in self.weights:
            self.weights["output.weight"] = self.weights["token_embd.weight"]
        draw = np.random.default_rng(seed)
        self.pairs = {}
        for layer in range(first_trained, self.layers):
            for name in LINEAR:
                rows, columns = self.weights[f"blk.{layer}.{name}.weight"].shape
                down = draw.normal(0, 1 / math.sqrt(columns), (RANK, columns)).astype(np.float32)
                up = np.zeros((rows, RANK), np.float32)
                self.pairs[f"blk.{layer}.{name}"] = (tf.Variable(down), tf.Variable(up))
        for tensor in gguf.GGUFReader(begun).tensors if begun else []:
            name, _, which = tensor.name.rpartition(".weight.")
            self.pairs[name][which == "lora_b"].assign(tensor.data.astype(np.float32))

    def trained(self):
        return [matrix for pair in self.pairs.values() for matrix in pair]

    def linear(self, x, name, tuned=True):
        y = tf.matmul(x, self.weights[f"{name}.weight"], transpose_b=True)
        if tuned and name in self.pairs:
            down, up = (tf.cast(matrix, tf.bfloat16) for matrix in self.pairs[name])
            y += SCALE * tf.matmul(tf.matmul(x, down, transpose_b=True), up, transpose_b=True)
        bias = self.weights.get(f"{name}.bias")
        return y if bias is None else y + tf.cast(bias, tf.bfloat16)

    def norm(self, x, name):
        wide = tf.cast(x, tf.float32)
        scale = tf.math.rsqrt(tf.reduce_mean(wide * wide, -1, keepdims=True) + self.epsilon)
        return tf.cast(wide * scale * self.weights[f"{name}.weight"], tf.bfloat16)

    def rotate(self, x, start):
        """Rotary positions of x, [batch, tokens, heads, head], beginning at `start`."""
        half = self.head // 2
        rate = self.base ** (-np.arange(half, dtype=np.float32) / half)
        place = tf.cast(tf.range(tf.shape(x)[1]) + start, tf.float32)
        angle = place[:, None, None] * rate
        cos, sin = tf.cos(angle), tf.sin(angle)
        wide = tf.cast(x, tf.float32)
        left, right = wide[..., :half], wide[..., half:]
        return tf.cast(tf.concat([left * cos - right * sin, right * cos + left * sin], -1), tf.bfloat16)

    def block(self, x, layer, start, prefix, tuned):
        """One layer; returns its output, and the keys and values of these tokens."""
        name = f"blk.{layer}"
        batch, tokens = tf.shape(x)[0], tf.shape(x)[1]
        flat = tf.reshape(self.norm(x, f"{name}.attn_norm"), [-1, self.width])
        shape = lambda y, heads: tf.reshape(y, [batch, tokens, heads, self.head])
        q = self.rotate(shape(self.linear(flat, f"{name}.attn_q", tuned), self.heads), start)
        k = self.rotate(shape(self.linear(flat, f"{name}.attn_k", tuned), self.kv_heads), start)
        v = shape(self.linear(flat, f"{name}.attn_v", tuned), self.kv_heads)
        group = self.heads // self.kv_heads
        # [batch, kv_heads, tokens * group, head]: the queries that share a key stand together.
        q = tf.reshape(q, [batch, tokens, self.kv_heads, group, self.head])
        q = tf.reshape(tf.transpose(q, [0, 2, 1, 3, 4]), [batch, self.kv_heads, tokens * group, self.head])
        q = q * tf.cast(1 / math.sqrt(self.head), tf.bfloat16)
        k, v = tf.transpose(k, [0, 2, 1, 3]), tf.transpose(v, [0, 2, 1, 3])
        own = tf.cast(tf.matmul(q, k, transpose_b=True), tf.float32)
        place = tf.range(tokens * group) // group
        own = tf.where(tf.range(tokens)[None, :] <= place[:, None], own, -1e9)
        weight = tf.reduce_logsumexp(own, -1, keepdims=True)
        out = tf.cast(tf.matmul(tf.cast(tf.exp(own - weight), tf.bfloat16), v), tf.float32)
        if prefix is not None:
            keys, values = prefix
            count = batch * tokens * group
            across = tf.reshape(tf.transpose(q, [1, 0, 2, 3]), [self.kv_heads, count, self.head])
            before, before_weight = attend_constant(across, keys, values)
            back = lambda y, last: tf.transpose(
                tf.reshape(y, [self.kv_heads, batch, tokens * group, last]), [1, 0, 2, 3])
            before, before_weight = back(before, self.head), back(before_weight, 1)
            both = tf.reduce_logsumexp(tf.stack([weight, before_weight]), 0)
            out = out * tf.exp(weight - both) + before * tf.exp(before_weight - both)
        out = tf.reshape(out, [batch, self.kv_heads, tokens, group, self.head])
        out = tf.cast(tf.reshape(tf.transpose(out, [0, 2, 1, 3, 4]), [-1, self.width]), tf.bfloat16)
        x = x + tf.reshape(self.linear(out, f"{name}.attn_output", tuned), tf.shape(x))
        flat = tf.reshape(self.norm(x, f"{name}.ffn_norm"), [-1, self.width])
        gate = self.linear(flat, f"{name}.ffn_gate", tuned)
        inner = gate * tf.sigmoid(gate) * self.linear(flat, f"{name}.ffn_up", tuned)
        return x + tf.reshape(self.linear(inner, f"{name}.ffn_down", tuned), tf.shape(x)), k, v

    def read_prefix(self, tokens, step=512):
        """Reads a constant part with the model as it is; returns its keys and values, and its length."""
        kept = [None] * self.layers
        for begin in range(0, len(tokens), step):
            x = tf.gather(self.weights["token_embd.weight"], [tokens[begin:begin + step]])
            for layer in range(self.layers):
                x, k, v = self.block(x, layer, begin, kept[layer], tuned=False)
                k, v = k[0], v[0]
                if kept[layer] is not None:
                    k, v = tf.concat([kept[layer][0], k], 1), tf.concat([kept[layer][1], v], 1)
                kept[layer] = (k, v)
        return kept, len(tokens)

    def logits(self, prefix, tokens, places):
        """The logits at `places`, indices into the flattened tokens behind `prefix`."""
        constant, length = prefix
        x = tf.gather(self.weights["token_embd.weight"], tokens)
        for layer in range(self.layers):
            x, _, _ = self.block(x, layer, length, constant[layer], tuned=True)
        at = tf.gather(tf.reshape(x, [-1, self.width]), places)
        at = self.norm(at, "output_norm")
        return tf.cast(tf.matmul(at, self.weights["output.weight"], transpose_b=True), tf.float32)

    def write(self, path):
        """Writes the adapter in the form that llama.cpp reads."""
        writer = gguf.GGUFWriter(path + ".part", "qwen2")
        writer.add_string("general.type", "adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", SCALE * RANK)
        for name, (down, up) in self.pairs.items():
            writer.add_tensor(f"{name}.weight.lora_a", down.numpy().astype(np.float16))
            writer.add_tensor(f"{name}.weight.lora_b", up.numpy().astype(np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        os.replace(path + ".part", path)


@tf.function(jit_compile=True)
def share(scores):
    wide = tf.cast(scores, tf.float32)
    most = tf.reduce_max(wide, -1, keepdims=True)
    weight = most + tf.math.log(tf.reduce_sum(tf.exp(wide - most), -1, keepdims=True))
    return tf.cast(tf.exp(wide - weight), tf.bfloat16), weight


@tf.function(jit_compile=True)
def share_gradient(scores, weight, toward, mean):
    part = tf.exp(tf.cast(scores, tf.float32) - weight)
    return tf.cast(part * (tf.cast(toward, tf.float32) - mean), tf.bfloat16)


@tf.custom_gradient
def attend_constant(q, keys, values):
    """Attention to keys and values that are not trained; the shares are computed again for the gradient."""
    scores = tf.matmul(q, keys, transpose_b=True)
    part, weight = share(scores)
    out = tf.cast(tf.matmul(part, values), tf.float32)

    def gradient(d_out, d_weight):
        scores = tf.matmul(q, keys, transpose_b=True)
        toward = tf.matmul(tf.cast(d_out, tf.bfloat16), values, transpose_b=True)
        mean = tf.reduce_sum(d_out * out, -1, keepdims=True) - d_weight
        d_q = tf.matmul(share_gradient(scores, weight, toward, mean), keys)
        return d_q, None, None

    return (out, weight), gradient


@dataclasses.dataclass(frozen=True)
class Example:
    """A request with its answer, in tokens."""
    # The constant part that stands before, and the tokens behind it.
    part: int
    words: list
    answer: list
    # Of the answer.
    lines: int

    def length(self):
        return len(self.words) + len(self.answer)


def read(paths):
    """Reads the constant part of each file, and the examples of all."""
    constants, examples = [], []
    for part, path in enumerate(paths):
        with open(path) as file:
            constant, *lines = map(json.loads, file)
        constants.append(constant)
        examples += [Example(part, *line) for line in lines]
    return constants, examples


def steps(examples, draw):
    """Yields batches of examples of like length and with the same constant part, for ever."""
    while True:
        batches = []
        for part in {example.part for example in examples}:
            batches += batches_of([example for example in examples if example.part == part], draw)
        draw.shuffle(batches)
        yield from batches


def batches_of(examples, draw):
    batches, batch = [], []
    for example in sorted(examples, key=lambda example: example.length() + draw.random() * 12):
        # In order of length, but for the noise.
        longest = max(other.length() for other in [*batch, example])
        if batch and longest * (len(batch) + 1) > STEP_TOKENS:
            batches.append(batch)
            batch = []
        batch.append(example)
    return [*batches, batch]


def tensors(batch):
    longest = max(example.length() for example in batch)
    longest = -(-longest // 16) * 16
    tokens = np.zeros((len(batch), longest), np.int32)
    places, wanted = [], []
    for row, example in enumerate(batch):
        tokens[row, :example.length()] = example.words + example.answer
        for index, token in enumerate(example.answer):
            places.append(row * longest + len(example.words) + index - 1)
            wanted.append(token)
    return tf.constant(tokens), tf.constant(places, tf.int32), tf.constant(wanted, tf.int32)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--model", required=True)
    options.add_argument("--taught", required=True, action="append", help="may be given several times")
    options.add_argument("--out", required=True)
    options.add_argument("--minutes", type=float, required=True)
    options.add_argument("--first-layer", type=int, default=0, help="layers before this one stay as they are")
    options.add_argument("--from", dest="begun", help="an adapter to go on from, of the same layers")
    options.add_argument("--seed", type=int, default=1, help="another one, for a run that goes on, draws other examples")
    options = options.parse_args()
    constants, examples = read(options.taught)
    # The same ones whatever the seed, so that a run that goes on from another is judged by what neither saw.
    examples.sort(key=lambda example: hashlib.sha256(repr(example).encode()).digest())
    held_out, left, kept = [], [HELD_OUT] * len(constants), []
    for example in examples:
        (held_out if left[example.part] > 0 else kept).append(example)
        left[example.part] -= 1
    draw = random.Random(options.seed)
    examples = [example for example in kept if example.part or example.lines > 1 or draw.random() < SHARE_OF_SINGLES]
    examples += [example for example in examples if example.part] * (REPEATED - 1)
    model = Model(options.model, options.first_layer, options.seed, options.begun)
    print(f"{len(examples)} examples; reading {len(constants)} constant parts", flush=True)
    prefixes = [model.read_prefix(constant) for constant in constants]

    @tf.function(reduce_retracing=True)
    def loss_of(part, tokens, places, wanted):
        logits = model.logits(prefixes[part], tokens, places)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits)
        right = tf.cast(tf.equal(tf.argmax(logits, -1, tf.int32), wanted), tf.float32)
        return tf.reduce_mean(losses), right

    first, second = ([tf.Variable(tf.zeros_like(m)) for m in model.trained()] for _ in range(2))

    @tf.function(reduce_retracing=True)
    def train(part, tokens, places, wanted, rate, count):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(model.trained())
            loss, right = loss_of(part, tokens, places, wanted)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, model.trained()), CLIP)
        for index, (matrix, gradient, m, v) in enumerate(zip(model.trained(), gradients, first, second)):
            m.assign(0.9 * m + 0.1 * gradient)
            v.assign(0.98 * v + 0.02 * gradient * gradient)
            step = m / (1 - 0.9 ** count) / (tf.sqrt(v / (1 - 0.98 ** count)) + 1e-8)
            matrix.assign_sub(rate * (UP_RATE if index % 2 else 1.0) * step)
        return loss, right

    def judge():
        for part in range(len(prefixes)):
            losses, rights, wholes = [], [], 0
            chosen = [example for example in held_out if example.part == part]
            for at in range(0, len(chosen), 4):
                batch = chosen[at:at + 4]
                loss, right = loss_of(part, *tensors(batch))
                losses.append(float(loss))
                right = right.numpy().tolist()
                rights += right
                for example in batch:
                    wholes += all(right[:len(example.answer)])
                    right = right[len(example.answer):]
            if chosen:
                print(f"held out of {options.taught[part]}: loss {np.mean(losses):.3f}, tokens {np.mean(rights):.3f}, "
                      f"whole answers {wholes} of {len(chosen)}", flush=True)

    judge()
    began, seen, recent = time.time(), 0, []
    written = began
    for count, batch in enumerate(steps(examples, draw), 1):
        done = (time.time() - began) / 60 / options.minutes
        if done >= 1:
            break
        rate = PEAK_RATE * max(LAST_RATE, 0.5 * (1 + math.cos(math.pi * done)))
        rate *= min(1, count / WARM_UP_STEPS)
        loss, _ = train(batch[0].part, *tensors(batch), tf.constant(rate, tf.float32), tf.constant(count, tf.float32))
        seen += len(batch)
        recent.append(float(loss))
        if count % 10 == 0:
            spent = (time.time() - began) / 60
            print(f"{spent:.1f} min, step {count}, {seen} examples, loss {np.mean(recent):.3f}", flush=True)
            recent = []
        if time.time() - written > 900:
            written = time.time()
            model.write(options.out)
    model.write(options.out)
    judge()


if __name__ == "__main__":
    main()
