"""What classical codecs reach on a folder of images, as `lloyd compare` reads it: run it by Launch/classical-codecs.

    classical_codecs.py IMAGES --out FOLDER [--codecs NAME,NAME] [--pictures FOLDER] [--again]

Every image is coded to a real file by the codec's own program, in one thread, and decoded again. Seconds are processor time
of these programs, which other work on the machine does not lengthen; they include reading and writing files and, where the
program does it, the colour conversion. PSNR and MS-SSIM come from `lloyd measure` ($LLOYD).
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

try:
    import imageio_ffmpeg

    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
except (ImportError, RuntimeError):
    ffmpeg = None


class Unavailable(Exception):
    """Why a codec cannot be measured here."""


def run(*command):
    """Runs a program to its end; its processor seconds."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()[-400:]
            raise Unavailable(f"{pathlib.Path(command[0]).name} failed with {process.returncode}: {said}")
    return usage.ru_utime + usage.ru_stime


def tool(name, package):
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"{name} is not installed (Debian's package {package})")
    return path


def said(*command):
    """What a program prints about itself."""
    result = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return result.stdout + result.stderr


def version(text, pattern):
    found = re.search(pattern, text)
    return found.group(1) if found else "of unknown version"


# Raw video of one frame, for the programs that know no pictures.

TO_YCBCR = numpy.array([[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]])


def write_video(image, path, bits, halved):
    """RGB to full-range YCbCr of Rec. 601, chroma halved each way where wanted; odd sizes are continued."""
    planes = numpy.tensordot(TO_YCBCR, image.astype(float) / 255, axes=(1, 2))
    planes[1:] += 0.5
    peak = (1 << bits) - 1
    height, width = image.shape[:2]
    planes = numpy.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    with open(path, "wb") as file:
        for index, plane in enumerate(planes):
            if halved and index > 0:
                plane = (plane[0::2, 0::2] + plane[1::2, 0::2] + plane[0::2, 1::2] + plane[1::2, 1::2]) / 4
            samples = numpy.clip(numpy.rint(plane * peak), 0, peak)
            file.write(samples.astype("<u2" if bits > 8 else "u1").tobytes())
    return planes.shape[2], planes.shape[1]


def read_video(path, shape, bits, halved):
    height, width = shape
    whole = (height + height % 2, width + width % 2)
    half = (whole[0] // 2, whole[1] // 2) if halved else whole
    samples = numpy.fromfile(path, "<u2" if bits > 8 else "u1").astype(numpy.float32) / ((1 << bits) - 1)
    sizes = [whole, half, half]
    if samples.size != sum(size[0] * size[1] for size in sizes):
        raise Unavailable(f"the decoder gave {samples.size} samples for {width} x {height} pixels")
    planes, start = [], 0
    for size in sizes:
        plane = samples[start : start + size[0] * size[1]].reshape(size)
        start += plane.size
        if size != whole:
            plane = numpy.asarray(Image.fromarray(plane).resize(whole[::-1], Image.Resampling.BICUBIC))
        planes.append(plane)
    planes = numpy.stack(planes).astype(float)
    planes[1:] -= 0.5
    colours = numpy.tensordot(planes, numpy.linalg.inv(TO_YCBCR), axes=(0, 1))[:height, :width]
    return numpy.clip(numpy.rint(colours * 255), 0, 255).astype(numpy.uint8)


# The codecs. Each is made once, which raises Unavailable without its tool, and codes one picture at a time: `code` leaves
# the coded file and the decoded picture, and gives the seconds of both ways.


class Tools:
    """A codec with an encoder and a decoder for pictures."""

    source = "png"
    decoded = "png"

    def code(self, source, quality, coded, decoded):
        return run(*self.encoding(source, quality, coded)), run(*self.decoding(coded, decoded))


class JPEG(Tools):
    name = "JPEG"
    suffix = "jpg"
    setting = "quality {}"
    qualities = [5, 10, 15, 20, 30, 40, 50, 65, 75, 85, 90]
    source = decoded = "ppm"
    options = []
    how = "baseline, 4:2:0, standard tables"

    def __init__(self):
        self.encoder, self.decoder = tool("cjpeg", "libjpeg-turbo-progs"), tool("djpeg", "libjpeg-turbo-progs")
        text = said(self.encoder, "-version")
        self.coder = "MozJPEG " if "mozjpeg" in text else "libjpeg-turbo "
        self.coder += version(text, r"version (\S+)")

    def encoding(self, source, quality, coded):
        return [self.encoder, "-quality", quality, "-baseline", *self.options, "-outfile", coded, source]

    def decoding(self, coded, decoded):
        return [self.decoder, "-outfile", decoded, coded]


class ProgressiveJPEG(JPEG):
    name = "JPEG, progressive"
    options = ["-optimize", "-progressive"]
    how = "progressive, 4:2:0, optimized tables"


class JPEG2000(Tools):
    name = "JPEG 2000"
    suffix = "jp2"
    # From a PNG it takes the gamma into account.
    source = decoded = "ppm"
    setting = "1 : {}"
    qualities = [240, 140, 90, 60, 42, 30, 22, 16, 12]
    how = "irreversible 9/7 wavelet, by compression ratio"

    def __init__(self):
        self.encoder, self.decoder = tool("opj_compress", "libopenjp2-tools"), tool("opj_decompress", "libopenjp2-tools")
        self.coder = "OpenJPEG " + version(said(self.encoder, "-h"), r"library v(\S+?)\.?\s")

    def encoding(self, source, quality, coded):
        return [self.encoder, "-i", source, "-o", coded, "-I", "-r", quality, "-threads", 1]

    def decoding(self, coded, decoded):
        return [self.decoder, "-i", coded, "-o", decoded, "-threads", 1]


class JPEG2000Codestream(JPEG2000):
    name = "JPEG 2000, codestream"
    suffix = "j2k"
    # For pictures of faces of a few hundred bytes, where the boxes of a .jp2 file would be a third of it.
    qualities = [240, 160, 120, 90, 70, 55, 42, 30]
    how = "irreversible 9/7 wavelet, by compression ratio, without the boxes of a file"


class WebP(Tools):
    name = "WebP"
    suffix = "webp"
    decoded = "ppm"
    setting = "quality {}"
    qualities = [1, 5, 15, 30, 45, 60, 72, 80, 88]
    how = "method 6, 4:2:0"

    def __init__(self):
        self.encoder, self.decoder = tool("cwebp", "webp"), tool("dwebp", "webp")
        self.coder = "libwebp " + version(said(self.encoder, "-version"), r"(\d\S+)")

    def encoding(self, source, quality, coded):
        return [self.encoder, "-quiet", "-m", 6, "-q", quality, source, "-o", coded]

    def decoding(self, coded, decoded):
        return [self.decoder, "-quiet", "-ppm", coded, "-o", decoded]


class AVIF(Tools):
    name = "AVIF"
    suffix = "avif"
    setting = "level {}"
    qualities = [60, 53, 46, 40, 34, 28, 22]
    how = "libaom, speed 4, 4:4:4, 8 bits, constant quality"

    def __init__(self):
        self.encoder, self.decoder = tool("avifenc", "libavif-bin"), tool("avifdec", "libavif-bin")
        text = said(self.encoder, "--version")
        if "aom [enc" not in text:
            raise Unavailable("avifenc has no AV1 encoder libaom")
        self.coder = "libavif " + version(text, r"Version: (\S+)")
        self.coder += ", libaom " + version(text, r"enc/dec.:v?([0-9.]+)")

    def encoding(self, source, quality, coded):
        rate = ["-a", "end-usage=q", "-a", f"cq-level={quality}", "--min", 0, "--max", 63]
        return [self.encoder, "-c", "aom", "-s", 4, "-j", 1, "-y", "444", "-d", 8, *rate, source, coded]

    def decoding(self, coded, decoded):
        return [self.decoder, "-j", 1, "--png-compress", 0, coded, decoded]


class JPEGXL(Tools):
    name = "JPEG XL"
    suffix = "jxl"
    decoded = "ppm"
    setting = "distance {}"
    qualities = [20, 13, 9, 6, 4, 2.6, 1.7, 1.1]
    how = "effort 7, lossy (VarDCT)"

    def __init__(self):
        self.encoder, self.decoder = tool("cjxl", "libjxl-tools"), tool("djxl", "libjxl-tools")
        self.coder = "libjxl " + version(said(self.encoder, "--version"), r"cjxl v(\S+)")

    def encoding(self, source, quality, coded):
        return [self.encoder, source, coded, "-d", quality, "-e", 7, "--num_threads=0"]

    def decoding(self, coded, decoded):
        return [self.decoder, coded, decoded, "--num_threads=0"]


class Video:
    """A codec that takes frames: one frame is coded, from raw samples to raw samples."""

    source = "png"
    decoded = "png"

    def code(self, source, quality, coded, decoded):
        image = numpy.asarray(Image.open(source).convert("RGB"))
        raw = str(coded) + ".yuv"
        width, height = write_video(image, raw, self.bits, self.halved)
        seconds = run(*self.encoding(raw, width, height, quality, coded))
        layout = "yuv420p" if self.halved else "yuv444p"
        layout += "10le" if self.bits > 8 else ""
        more = run(
            *[ffmpeg, "-y", "-loglevel", "error", "-threads", 1, "-i", coded, "-frames:v", 1, "-f", "rawvideo"],
            *["-pix_fmt", layout, raw],
        )
        Image.fromarray(read_video(raw, image.shape[:2], self.bits, self.halved)).save(decoded, compress_level=1)
        os.remove(raw)
        return seconds, more


class HEVC(Video):
    name = "HEVC"
    suffix = "hevc"
    setting = "QP {}"
    qualities = [46, 42, 38, 34, 31, 28, 24]
    bits, halved = 8, False
    how = "intra, preset veryslow, tuned for PSNR, YCbCr 4:4:4, 8 bits: what BPG holds"

    def __init__(self):
        self.encoder = tool("x265", "x265")
        if ffmpeg is None:
            raise Unavailable("nothing decodes it: PyPI's imageio-ffmpeg is not installed")
        self.coder = "x265 " + version(said(self.encoder, "--version"), r"version (\S+)")

    def encoding(self, raw, width, height, quality, coded):
        quiet = ["--log-level", "error", "--no-info", "--no-progress", "--pools", 1, "--frame-threads", 1, "--no-wpp"]
        return [
            *[self.encoder, "--input", raw, "--input-res", f"{width}x{height}", "--fps", 1, "--input-csp", "i444"],
            *["--frames", 1, "--keyint", 1, "--preset", "veryslow", "--tune", "psnr", "--qp", quality, "--range"],
            *["full", *quiet, "-o", coded],
        ]


class VVC(Video):
    name = "VVC"
    suffix = "266"
    setting = "QP {}"
    qualities = [46, 42, 38, 34, 30, 26]
    bits, halved = 10, True
    preset = "fast"
    how = f"intra, VVenC's preset {preset}, YCbCr 4:2:0 (the encoder has no other), 10 bits"

    def __init__(self):
        if ffmpeg is None:
            raise Unavailable("PyPI's imageio-ffmpeg is not installed")
        if "libvvenc" not in said(ffmpeg, "-hide_banner", "-encoders"):
            raise Unavailable("the ffmpeg of imageio-ffmpeg has no encoder libvvenc")
        if not re.search(r"\svvc\s", said(ffmpeg, "-hide_banner", "-decoders")):
            raise Unavailable("the ffmpeg of imageio-ffmpeg does not decode VVC")
        self.coder = "VVenC in ffmpeg " + version(said(ffmpeg, "-version"), r"version n?([0-9.]+)")

    def encoding(self, raw, width, height, quality, coded):
        return [
            *[ffmpeg, "-y", "-loglevel", "error", "-f", "rawvideo", "-s", f"{width}x{height}", "-r", 1],
            *["-pix_fmt", "yuv420p10le", "-i", raw, "-threads", 1, "-c:v", "libvvenc", "-preset", self.preset],
            *["-qp", quality, "-vvenc-params", "threads=1:intraperiod=1", "-f", "vvc", coded],
        ]


CODECS = {
    "jpeg": JPEG,
    "jpeg-progressive": ProgressiveJPEG,
    "jpeg2000": JPEG2000,
    "jpeg2000-codestream": JPEG2000Codestream,
    "webp": WebP,
    "avif": AVIF,
    "jpegxl": JPEGXL,
    "hevc": HEVC,
    "vvc": VVC,
}


def slug(text):
    """As `lloyd compare` looks for folders of pictures."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def measured(originals, decoded, folder):
    """PSNR and MS-SSIM of a folder of decoded pictures, by name."""
    file = folder / "quality.json"
    result = subprocess.run(
        [os.environ["LLOYD"], "measure", originals, decoded, "--json", file], capture_output=True, text=True
    )
    if result.returncode != 0:
        raise SystemExit(f"lloyd measure failed: {result.stderr.strip()}")
    return {entry["name"]: entry for entry in json.loads(file.read_text())}


def evaluate(codec, originals, data, keep, folder):
    """A codec's record, in the form of Lloyd's evaluations."""
    points = []
    for quality in codec.qualities:
        setting = codec.setting.format(quality)
        decoded = folder / "decoded"
        shutil.rmtree(decoded, ignore_errors=True)
        decoded.mkdir()
        images = []
        for source in sorted((originals / codec.source).iterdir()):
            coded = folder / f"coded.{codec.suffix}"
            # Programs choose the format by the suffix, and refuse to write grey as colours.
            grey = codec.decoded == "ppm" and Image.open(source).mode == "L"
            picture = decoded / f"{source.stem}.{'pgm' if grey else codec.decoded}"
            encoding, decoding = codec.code(source, quality, coded, picture)
            images.append({
                "name": source.stem, "bytes": coded.stat().st_size,
                "encodingSeconds": {"total": round(encoding, 4)}, "decodingSeconds": {"total": round(decoding, 4)},
            })  # fmt: skip
        figures = measured(originals / "png", decoded, folder)
        for image in images:
            found = figures[image["name"]]
            image.update(width=found["width"], height=found["height"], psnr=found["psnr"])
            if "ms-ssim" in found:
                image["msSSIM"] = found["ms-ssim"]
        if keep:
            target = pathlib.Path(keep) / slug(codec.name) / slug(setting)
            target.mkdir(parents=True, exist_ok=True)
            for picture in decoded.iterdir():
                if picture.suffix == ".png":
                    shutil.copy(picture, target)
                else:
                    Image.open(picture).save(target / f"{picture.stem}.png")
        pixels = sum(image["width"] * image["height"] for image in images)
        rate = 8 * sum(image["bytes"] for image in images) / pixels
        psnr = sum(image["psnr"] for image in images) / len(images)
        print(f"  {setting}: {rate:.4f} bits per pixel, {psnr:.2f} dB", flush=True)
        points.append({"setting": setting, "images": images})
    points.sort(key=lambda point: sum(image["bytes"] for image in point["images"]))
    return {
        "kind": "evaluation", "name": codec.name, "description": codec.how, "coder": codec.coder, "data": data,
        "isPeer": True, "ranks": 1, "threads": 1, "processor": processor(), "points": points,
    }  # fmt: skip


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return version(text, r"model name\s*:\s*(.+)").strip()
    except OSError:
        return platform.machine()


def main():
    parser = argparse.ArgumentParser(prog="Launch/classical-codecs", add_help=False)
    parser.add_argument("images")
    parser.add_argument("--out", required=True)
    parser.add_argument("--codecs", default=",".join(key for key in CODECS if key != "jpeg2000-codestream"))
    parser.add_argument("--pictures")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    keys = [key.strip() for key in options.codecs.split(",") if key.strip()]
    for key in keys:
        if key not in CODECS:
            parser.error(f"there is no codec {key}: {', '.join(CODECS)}")
    folder = pathlib.Path(options.images)
    suffixes = {".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pnm"}
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in suffixes) if folder.is_dir() else []
    if not files:
        parser.error(f"{folder} is no folder with images in it ({', '.join(sorted(suffixes))})")
    if len({file.stem for file in files}) < len(files):
        parser.error(f"{folder} holds two images of one name")
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    data = f"{len(files)} images of {folder.resolve().name}"

    with tempfile.TemporaryDirectory(prefix="lloyd-codecs-") as name:
        work = pathlib.Path(name)
        for kind in ["png", "ppm"]:
            (work / "originals" / kind).mkdir(parents=True)
        # Some programs read only these formats; none of it is timed.
        for file in files:
            image = Image.open(file)
            image = image if image.mode == "L" else image.convert("RGB")
            image.save(work / "originals" / "png" / f"{file.stem}.png", compress_level=1)
            image.save(work / "originals" / "ppm" / f"{file.stem}.ppm")
        left_out = []
        for key in keys:
            target = out / f"{key}.json"
            if target.exists() and not options.again:
                print(f"{key}: measured before, {target}")
                continue
            try:
                codec = CODECS[key]()
                print(f"{codec.name}: {codec.coder}, {codec.how}", flush=True)
                record = evaluate(codec, work / "originals", data, options.pictures, work)
            except Unavailable as reason:
                left_out.append(f"{key}: left out: {reason}")
                print(left_out[-1], file=sys.stderr, flush=True)
                continue
            unfinished = target.with_suffix(".unfinished")
            unfinished.write_text(json.dumps(record, indent=1) + "\n")
            unfinished.replace(target)
        for reason in left_out:
            print(reason)
    return 0 if any((out / f"{key}.json").exists() for key in keys) else 1


if __name__ == "__main__":
    sys.exit(main())
