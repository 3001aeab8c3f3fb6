"""NVTC by PyTorch: the peer of `lloyd-bench nvtc`, and a maker of reference vectors for `lloyd parity`.

    nvtc.py CROP BATCH STEPS                    answers requests, for the benchmark
    nvtc.py reference CONFIG.json FOLDER        writes weights.safetensors, expected.safetensors and meta.json

The model is that of the NVTC paper: vector transform units, multi-stage product quantization with a codebook for each
position of a block, a conditional entropy model, straight-through gradients. Parameters are named and shaped as in the
published implementation. CONFIG.json holds what `config` holds in meta.json, and "image": [height, width], "seed".

As a peer, every line of standard input is a request, every line of standard output an answer in JSON: "names" says what
is installed; "torch" trains STEPS steps of the paper's model on BATCH crops and answers {"seconds"}, of processor time.
One thread, the last phase of training, Adam.
"""

import json
import math
import os
import struct
import sys
import time

try:
    import torch
    from torch.nn import functional
except ImportError as error:
    if len(sys.argv) > 1 and sys.argv[1] == "reference":
        raise SystemExit(f"PyTorch is not installed ({error})")
    for _ in sys.stdin:
        print(json.dumps({"missing": f"PyTorch is not installed ({error})"}), flush=True)
    raise SystemExit(0)

PAPER = {
    "lmbda": 256, "n_stage": 3, "n_layer": [4, 6, 6], "downscale_factor": [4, 8, 16], "vt_dim": [192, 192, 192],
    "vt_nunit": [2, 2, 2], "block_size": [4, 4, 4], "cb_dim": [4, 8, 16], "cb_size": [128, 256, 512],
    "param_dim": [4, 4, 4], "param_nlevel": [128, 64, 32],
}
PRIOR_WIDTH = 64
BLOCKS = 3
FLOOR = math.log(1e-9)


def one_sided(x, low, high):
    """Clamped; the gradient passes inside, and where a step against it leads back inside."""
    return OneSided.apply(x, low, high)


class OneSided(torch.autograd.Function):
    @staticmethod
    def forward(context, x, low, high):
        context.save_for_backward(x)
        context.bounds = (low, high)
        return x.clamp(low, high)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        low, high = context.bounds
        passes = ((x >= low) | (gradient < 0)) & ((x <= high) | (gradient > 0))
        return gradient * passes, None, None


def shapes(config):
    """Every parameter's name and shape."""
    found = {}

    def linear(name, outputs, inputs, convolution=True):
        found[name + ".weight"] = [outputs, inputs, 1, 1] if convolution else [outputs, inputs]
        found[name + ".bias"] = [outputs]

    def residual(name, width, kernel):
        for index in range(BLOCKS):
            for part in (0, 2):
                base = f"{name}.m.{index}.m.{part}"
                found[base + ".weight"] = [width, width] + ([kernel, kernel] if kernel else [])
                found[base + ".bias"] = [width]

    for stage in range(config["n_stage"]):
        width, block = config["vt_dim"][stage], config["block_size"][stage]
        factor = config["downscale_factor"][stage] // (config["downscale_factor"][stage - 1] if stage else 1)
        channels = config["vt_dim"][stage - 1] if stage else 3
        linear(f"downscaling.{stage}.1", width, channels * factor**2)
        linear(f"upscaling.{stage}.1", channels * factor**2, width)
        if stage == 0:
            residual("downscaling.0.2", width, 3)
            residual("upscaling.0.0", width, 3)
        for layer in range(config["n_layer"][stage]):
            place = f"{stage}.{layer}"
            for side in ("encoder", "decoder"):
                for unit in range(config["vt_nunit"][stage]):
                    name = f"vt_{side}.{place}.{unit}"
                    linear(name + ".intra_transform.fc1", width // 2, width)
                    linear(name + ".intra_transform.fc2", width, width // 2)
                    found[name + ".inter_transform.weight"] = [width, block**2, block**2]
                    found[name + ".inter_transform.bias"] = [width, block**2]
            size, dimension = config["cb_size"][stage], config["cb_dim"][stage]
            parameters, levels = config["param_dim"][stage], config["param_nlevel"][stage]
            linear(f"projection_in.{place}", dimension, width)
            linear(f"projection_out.{place}", width, dimension)
            linear(f"prior_estimator.{place}.0", PRIOR_WIDTH, width)
            residual(f"prior_estimator.{place}.1", PRIOR_WIDTH, 1)
            linear(f"prior_estimator.{place}.2", parameters, PRIOR_WIDTH)
            quantizer = f"quantizer.{place}"
            prior = quantizer + ".entropy_model.prior_fn.nn"
            linear(prior + ".0", PRIOR_WIDTH, parameters, convolution=False)
            residual(prior + ".1", PRIOR_WIDTH, 0)
            linear(prior + ".2", size, PRIOR_WIDTH, convolution=False)
            found[quantizer + ".codebook"] = [block**2, size, dimension]
            found[quantizer + ".logits"] = [block**2, size]
            found[quantizer + ".entropy_model.param_table"] = [levels, parameters]
            found[quantizer + ".entropy_model.logits"] = [levels]
    return found


def random_weights(config, seed, dtype):
    """Weights of about the size that a trained model has, so that every path matters."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in sorted(shapes(config).items()):
        values = torch.randn(shape, generator=generator, dtype=torch.float64)
        if name.endswith(".codebook"):
            values *= 0.15
        elif name.endswith("inter_transform.weight"):
            values *= 0.3 / math.sqrt(shape[1])
        elif name.endswith(".weight"):
            inputs = math.prod(shape[1:])
            values *= (0.5 if ".m." in name or "fc2" in name else 1.0) / math.sqrt(inputs)
        elif name.endswith(".bias"):
            values *= 0.05
        weights[name] = values.float().to(dtype).requires_grad_(True)
    return weights


class Model:
    def __init__(self, config, weights):
        self.config = config
        self.weights = weights

    def convolution(self, x, name, padding=0):
        return functional.conv2d(x, self.weights[name + ".weight"], self.weights[name + ".bias"], padding=padding)

    def linear(self, x, name):
        return functional.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def residual(self, x, name, apply):
        y = x
        for index in range(BLOCKS):
            y = y + apply(functional.gelu(apply(y, f"{name}.m.{index}.m.0")), f"{name}.m.{index}.m.2")
        return x + y

    def unit(self, x, name, block):
        intra = name + ".intra_transform."
        x = x + self.convolution(functional.gelu(self.convolution(x, intra + "fc1")), intra + "fc2")
        count, channels, height, width = x.shape
        blocks = x.reshape(count, channels, height // block, block, width // block, block)
        blocks = blocks.permute(1, 0, 2, 4, 3, 5).reshape(channels, -1, block**2)
        mixed = torch.baddbmm(
            self.weights[name + ".inter_transform.bias"][:, None], blocks, self.weights[name + ".inter_transform.weight"])
        mixed = mixed.reshape(channels, count, height // block, width // block, block, block)
        return x + mixed.permute(1, 0, 2, 4, 3, 5).reshape(x.shape)

    @staticmethod
    def vectors(x, block):
        """Blocks x positions x channels."""
        count, channels, height, width = x.shape
        x = x.reshape(count, channels, height // block, block, width // block, block)
        return x.permute(0, 2, 4, 3, 5, 1).reshape(-1, block**2, channels)

    @staticmethod
    def image(vectors, like, block):
        count, channels, height, width = like.shape
        x = vectors.reshape(count, height // block, width // block, block, block, channels)
        return x.permute(0, 5, 1, 3, 2, 4).reshape(like.shape)

    def conditional(self, prediction, place, block):
        name = f"prior_estimator.{place}"
        hidden = self.residual(self.convolution(prediction, name + ".0"), name + ".1", self.convolution)
        numbers = self.vectors(one_sided(self.convolution(hidden, name + ".2"), -1.0, 1.0), block)
        name = f"quantizer.{place}.entropy_model.prior_fn.nn"
        hidden = self.residual(self.linear(numbers, name + ".0"), name + ".1", self.linear)
        logits = self.linear(hidden, name + ".2")
        return one_sided(torch.log_softmax(logits, -1), FLOOR, math.inf)

    def quantize(self, latents, prediction, is_first, stage, layer, phase):
        place, block = f"{stage}.{layer}", self.config["block_size"][stage]
        residual = self.convolution(latents - prediction, f"projection_in.{place}")
        vectors = self.vectors(residual, block)
        codebook = self.weights[f"quantizer.{place}.codebook"]
        unconditional = one_sided(
            torch.log_softmax(self.weights[f"quantizer.{place}.logits"], -1), FLOOR, math.inf)
        is_conditional = phase["conditional_prior"] and not is_first
        conditional = self.conditional(prediction, place, block) if is_conditional else None
        with torch.no_grad():
            if codebook.dtype == torch.float64:
                cost = ((vectors[:, :, None] - codebook[None]) ** 2).sum(-1)
            else:
                # The vectors' own norms do not matter to the choice.
                products = torch.bmm(vectors.transpose(0, 1), codebook.transpose(1, 2)).transpose(0, 1)
                cost = (codebook**2).sum(-1)[None] - 2 * products
            if phase["rate_constrain"]:
                logarithms = conditional if is_conditional else unconditional[None]
                cost = cost - logarithms / (math.log(2) * self.config["lmbda"])
            indices = cost.argmin(-1)
        positions = torch.arange(block**2)[None]
        bits = -unconditional[positions, indices].sum() / math.log(2)
        conditional_bits = None
        if is_conditional:
            conditional_bits = -conditional.gather(2, indices[..., None]).sum() / math.log(2)
        codewords = codebook[positions, indices]
        distance = ((vectors - codewords) ** 2).sum()
        passed = vectors + (codewords - vectors).detach()
        reconstruction = self.convolution(self.image(passed, residual, block), f"projection_out.{place}") + prediction
        found = {"stage": stage, "layer": layer, "indices": indices, "bits": bits, "distance": distance,
                 "conditional": conditional_bits}
        return reconstruction, found

    def __call__(self, x, phase):
        config = self.config
        factors = [f // (config["downscale_factor"][i - 1] if i else 1) for i, f in enumerate(config["downscale_factor"])]
        multiple = max(f * b for f, b in zip(config["downscale_factor"], config["block_size"]))
        height, width = x.shape[2:]
        y = functional.pad(x, (0, -width % multiple, 0, -height % multiple))
        latents = {}
        three = lambda z, name: self.convolution(z, name, padding=1)
        for stage, factor in enumerate(factors):
            y = self.convolution(functional.pixel_unshuffle(y, factor), f"downscaling.{stage}.1")
            if stage == 0:
                y = self.residual(y, "downscaling.0.2", three)
            for layer in range(config["n_layer"][stage]):
                for unit in range(config["vt_nunit"][stage]):
                    y = self.unit(y, f"vt_encoder.{stage}.{layer}.{unit}", config["block_size"][stage])
                latents[stage, layer] = y
        prediction, is_first, layers = torch.zeros_like(y), True, []
        for stage in reversed(range(config["n_stage"])):
            for layer in reversed(range(config["n_layer"][stage])):
                if phase["use_vq"][stage][layer]:
                    prediction, found = self.quantize(latents[stage, layer], prediction, is_first, stage, layer, phase)
                    layers.append(found)
                is_first = False
                for unit in range(config["vt_nunit"][stage]):
                    prediction = self.unit(
                        prediction, f"vt_decoder.{stage}.{layer}.{unit}", config["block_size"][stage])
            if stage == 0:
                prediction = self.residual(prediction, "upscaling.0.0", three)
            prediction = functional.pixel_shuffle(
                self.convolution(prediction, f"upscaling.{stage}.1"), factors[stage])
        reconstruction = prediction[:, :, :height, :width]
        samples = x.numel()
        mse = ((x - reconstruction) ** 2).mean()
        paid = sum(l["bits"] if l["conditional"] is None else l["conditional"] for l in layers)
        besides = sum(l["bits"] for l in layers if l["conditional"] is not None)
        distance = config["lmbda"] * sum(l["distance"] for l in layers) / samples
        rate = paid / samples
        loss = rate + besides / samples + config["lmbda"] * mse + distance
        return {"reconstruction": reconstruction, "layers": layers, "mse": mse, "rate": rate, "vq_loss": distance,
                "rd_loss": rate + config["lmbda"] * mse, "loss": loss}


def phases(config):
    every = [[1] * count for count in config["n_layer"]]
    coarsest = [[0] * count for count in config["n_layer"][:-1]] + [every[-1]]
    off = {"rate_constrain": False, "conditional_prior": False}
    return {
        "init_stage3_only": {**off, "use_vq": coarsest},
        "init_all": {**off, "use_vq": every},
        "full": {"rate_constrain": True, "conditional_prior": True, "use_vq": every},
    }


def write_tensors(tensors, path):
    header, chunks, offset = {}, [], 0
    for name, tensor in tensors.items():
        integer = not tensor.is_floating_point()
        data = (tensor.int() if integer else tensor.float()).detach().contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "I32" if integer else "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def reference(path, folder):
    with open(path) as file:
        settings = json.load(file)
    config = settings["config"]
    height, width = settings["image"]
    weights = random_weights(config, settings["seed"], torch.float64)
    generator = torch.Generator().manual_seed(settings["seed"] + 1)
    # A smooth picture with a little noise, in whole bytes.
    coarse = torch.rand([1, 3, 6, 6], generator=generator, dtype=torch.float64)
    x = functional.interpolate(coarse, size=[height, width], mode="bicubic", align_corners=True)
    x = ((x + 0.05 * torch.randn(x.shape, generator=generator, dtype=torch.float64)).clamp(0, 1) * 255).round() / 255
    x = x.float().double()
    model, expected, described = Model(config, weights), {"input.x": x}, {}
    for name, phase in phases(config).items():
        for weight in weights.values():
            weight.grad = None
        found = model(x, phase)
        found["loss"].backward()
        expected[f"{name}.x_hat"] = found["reconstruction"]
        for layer in found["layers"]:
            expected[f"{name}.indices.{layer['stage']}.{layer['layer']}"] = layer["indices"]
        for weight_name, weight in weights.items():
            if weight.grad is not None:
                expected[f"{name}.grad.{weight_name}"] = weight.grad
        described[name] = {
            **phase,
            "layers": [
                {"stage": l["stage"], "layer": l["layer"], "rate_unconditional_bits": l["bits"].item(),
                 "rate_conditional_bits": 0.0 if l["conditional"] is None else l["conditional"].item(),
                 "vq_distance": l["distance"].item()} for l in found["layers"]],
            **{key: float(found[key].detach()) for key in ("rate", "rd_loss", "vq_loss", "loss", "mse")},
        }
    os.makedirs(folder, exist_ok=True)
    write_tensors(weights, os.path.join(folder, "weights.safetensors"))
    write_tensors(expected, os.path.join(folder, "expected.safetensors"))
    with open(os.path.join(folder, "meta.json"), "w") as file:
        json.dump({"config": config, "phases": described}, file, indent=1)


def serve(crop, batch, steps):
    torch.set_num_threads(1)
    weights = random_weights(PAPER, 1, torch.float32)
    for name, weight in weights.items():
        if "inter_transform.weight" in name or "fc2.weight" in name:
            weight.data *= 0.1
    used = [weight for name, weight in weights.items() if "param_table" not in name and "entropy_model.logits" not in name]
    optimizer = torch.optim.Adam(used, lr=1e-4, fused=True)
    model, phase = Model(PAPER, weights), phases(PAPER)["full"]
    x = torch.rand([batch, 3, crop, crop])
    for line in sys.stdin:
        if line.strip() == "names":
            print(json.dumps({"torch": torch.__version__}), flush=True)
            continue
        start = time.process_time()
        for _ in range(steps):
            optimizer.zero_grad()
            model(x, phase)["loss"].backward()
            optimizer.step()
        print(json.dumps({"seconds": time.process_time() - start}), flush=True)


def serve_forward(height, width):
    weights = random_weights(PAPER, 1, torch.float32)
    model, phase = Model(PAPER, weights), phases(PAPER)["full"]
    x = torch.rand([1, 3, height, width])
    for line in sys.stdin:
        if line.strip() == "names":
            print(json.dumps({"torch": torch.__version__}), flush=True)
            continue
        torch.set_num_threads(int(line))
        start = time.perf_counter()
        with torch.no_grad():
            model(x, phase)
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if sys.argv[1] == "reference":
    reference(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "forward":
    serve_forward(int(sys.argv[2]), int(sys.argv[3]))
else:
    serve(*map(int, sys.argv[1:4]))
