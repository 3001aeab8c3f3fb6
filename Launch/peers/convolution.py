"""A 3 x 3 convolution and its gradients by PyTorch, on request: the peer of `lloyd-bench convolution`.

    convolution.py HEIGHT WIDTH INPUTS OUTPUTS

Every line of standard input is a request, every line of standard output an answer in JSON: "names" says what is
installed; "contiguous" and "channels_last" run the convolution once in that memory format and answer {"forward",
"backward"}: seconds of processor time, the backward pass to input, weights and bias. One thread.
"""

import json
import sys
import time

try:
    import torch
    from torch.nn import functional
except ImportError as error:
    for _ in sys.stdin:
        print(json.dumps({"missing": f"PyTorch is not installed ({error})"}), flush=True)
    raise SystemExit(0)

height, width, inputs, outputs = map(int, sys.argv[1:5])
torch.set_num_threads(1)
torch.manual_seed(0)
formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def tensors(memory_format):
    x = torch.randn(1, inputs, height, width).to(memory_format=memory_format).requires_grad_()
    weights = (0.02 * torch.randn(outputs, inputs, 3, 3)).to(memory_format=memory_format).requires_grad_()
    bias = torch.randn(outputs).requires_grad_()
    gradient = torch.randn(1, outputs, height, width).to(memory_format=memory_format)
    return x, weights, bias, gradient


operands = {name: tensors(memory_format) for name, memory_format in formats.items()}

for request in map(str.strip, sys.stdin):
    if request == "names":
        answer = {"names": list(operands)}
    elif request in operands:
        x, weights, bias, gradient = operands[request]
        start = time.process_time()
        y = functional.conv2d(x, weights, bias, padding=1)
        between = time.process_time()
        torch.autograd.grad(y, (x, weights, bias), gradient)
        answer = {"forward": between - start, "backward": time.process_time() - between}
    else:
        answer = {"error": f"no peer is called {request}"}
    print(json.dumps(answer), flush=True)
