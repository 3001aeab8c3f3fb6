"""Training steps of nonlinear transform coding by PyTorch, on request: the peer of `lloyd-bench ntc`.

    ntc.py DIMENSION WIDTH BATCH STEPS

The same network, loss and optimizer as Lloyd's: linear layers around three residual blocks, exact GELU, additive uniform
noise, the factorized density of Balle et al. (2018), gradients clipped to norm 1, fused Adam. Every line of standard
input is a request, every line of standard output an answer in JSON: "names" says what is installed; "torch" trains STEPS
steps and answers {"seconds"}, of processor time. One thread; samples are drawn before the clock starts.
"""

import json
import math
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    for _ in sys.stdin:
        print(json.dumps({"missing": f"PyTorch is not installed ({error})"}), flush=True)
    raise SystemExit(0)

dimension, width, batch, steps = map(int, sys.argv[1:5])
multiplier = 64
torch.set_num_threads(1)
torch.manual_seed(0)


class ResidualBlock(nn.Module):
    """x + B(gelu(A(x))), vectors of the width."""

    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)

    def forward(self, x):
        return x + self.second(functional.gelu(self.first(x)))


def transform(dimension, width):
    blocks = [ResidualBlock(width) for _ in range(3)]
    return nn.Sequential(nn.Linear(dimension, width), *blocks, nn.Linear(width, dimension))


class FactorizedDensity(nn.Module):
    """A learned cumulative distribution per dimension: layers of 1, 3, 3, 3, 1 values, monotone by construction."""

    def __init__(self, dimension, filters=(1, 3, 3, 3, 1)):
        super().__init__()
        self.matrices = nn.ParameterList()
        self.biases = nn.ParameterList()
        self.factors = nn.ParameterList()
        for inputs, outputs in zip(filters, filters[1:]):
            start = math.log(math.expm1(1 / outputs))
            self.matrices.append(torch.full((dimension, outputs, inputs), start))
            self.biases.append(torch.rand(dimension, outputs, 1) - 0.5)
        for outputs in filters[1:-1]:
            self.factors.append(torch.zeros(dimension, outputs, 1))

    def logits(self, values):
        for layer, (matrix, bias) in enumerate(zip(self.matrices, self.biases)):
            values = functional.softplus(matrix) @ values + bias
            if layer < len(self.factors):
                values = values + torch.tanh(self.factors[layer]) * torch.tanh(values)
        return values

    def bits(self, latents, step):
        """Code length of each row, in bits; `latents` is batch x dimension, `step` the width of a bin."""
        columns = latents.t().unsqueeze(1)
        lower = self.logits(columns - step / 2)
        upper = self.logits(columns + step / 2)
        # The difference is taken in the tail where it keeps its digits.
        side = torch.where(lower + upper > 0, -1.0, 1.0).detach()
        mass = (torch.sigmoid(side * upper) - torch.sigmoid(side * lower)).abs()
        return -torch.log2(mass.clamp_min(1e-9)).sum(dim=(0, 1))


analysis = transform(dimension, width)
synthesis = transform(dimension, width)
density = FactorizedDensity(dimension)
transforms = [*analysis.parameters(), *synthesis.parameters()]
optimizer = torch.optim.Adam([*transforms, *density.parameters()], lr=1e-4, betas=(0.9, 0.99), fused=True)
step_width = math.sqrt(6 / (math.log(2) * multiplier))
batches = [torch.randn(batch, dimension) for _ in range(8)]


def train():
    for step in range(steps):
        samples = batches[step % len(batches)]
        latents = analysis(samples)
        noisy = latents + step_width * (torch.rand_like(latents) - 0.5)
        bits = density.bits(noisy, step_width).mean() / dimension
        error = functional.mse_loss(synthesis(noisy), samples)
        loss = bits + multiplier * error
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(transforms, 1)
        optimizer.step()


for request in sys.stdin:
    if request.strip() == "names":
        print(json.dumps({"names": ["torch"]}), flush=True)
    else:
        start = time.process_time()
        train()
        print(json.dumps({"seconds": time.process_time() - start}), flush=True)
