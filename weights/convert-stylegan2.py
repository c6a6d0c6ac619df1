#!/usr/bin/env python3
"""Turns a StyleGAN2 pickle into a safetensors file that the pipeline reads, once.

	git clone https://github.com/NVlabs/stylegan2-ada-pytorch && git -C stylegan2-ada-pytorch checkout d72cc7d
	python3 weights/convert-stylegan2.py --repository stylegan2-ada-pytorch ffhq.pkl models/ffhq/ffhq.safetensors

A pickle of this family holds source code that runs while it is read, which the pipeline never does; so run this yourself, only on pickles of a source that you
trust, where PyTorch, NumPy, click and requests are installed (no GPU is needed). What is kept is the moving average of the generator (G_ema) with the names and layouts of its state
dict, as float32, and the sizes that the network follows from.
"""
import argparse
import hashlib
import json
import os
import struct
import sys


def main():
    parser = argparse.ArgumentParser(description='Turns a StyleGAN2 pickle into safetensors.')
    parser.add_argument('--repository', required=True, help='folder of stylegan2-ada-pytorch, whose code reads the pickle')
    parser.add_argument('pickle', help='such as ffhq.pkl')
    parser.add_argument('output', help='such as ffhq.safetensors; give it a folder of its own')
    arguments = parser.parse_args()
    sys.path.insert(0, arguments.repository)
    import legacy
    with open(arguments.pickle, 'rb') as file:
        generator = legacy.load_network_pkl(file)['G_ema']
    arrays = {name: tensor.detach().cpu().float().numpy() for name, tensor in generator.state_dict().items()}
    metadata = {**sizes_of(generator, arrays), 'source': {'file': os.path.basename(arguments.pickle), 'sha256': digest(arguments.pickle)}}
    os.makedirs(os.path.dirname(os.path.abspath(arguments.output)), exist_ok=True)
    write_safetensors(arguments.output, arrays, metadata)
    print(f'{arguments.output}: {sum(array.size for array in arrays.values()):,} numbers, sha256 {digest(arguments.output)}')
    print(json.dumps(metadata, indent='\t'))


def sizes_of(generator, arrays):
    """What the pipeline must know to build the network; refuses networks that it cannot build."""
    synthesis, resolution = generator.synthesis, generator.img_resolution
    blocks = [getattr(synthesis, f'b{size}') for size in synthesis.block_resolutions]
    layers = [layer for block in blocks for layer in (getattr(block, 'conv0', None), block.conv1) if layer is not None]
    require(generator.c_dim == 0, 'is conditional: it reads class labels')
    require(all(block.architecture == 'skip' for block in blocks), 'is not of the "skip" architecture')
    require(all(layer.use_noise and layer.activation == 'lrelu' for layer in layers), 'has layers without noise or with another activation')
    clamps = {layer.conv_clamp for layer in [*layers, *(block.torgb for block in blocks)]}
    require(len(clamps) == 1, 'clamps its layers at different values')
    channels = {size: arrays[f'synthesis.b{size}.conv1.weight'].shape[0] for size in synthesis.block_resolutions}
    most = channels[4]
    base = next((count * size for size, count in channels.items() if count < most), most * resolution)
    require(all(count == min(base // size, most) for size, count in channels.items()), f'has unusual numbers of channels, {channels}')
    clamp = clamps.pop()
    return {
        'architecture': 'stylegan2', 'latentSize': generator.z_dim, 'wSize': generator.w_dim, 'mappingLayers': generator.mapping.num_layers,
        'imageShape': [resolution, resolution, generator.img_channels], 'channelBase': base, 'channelMax': most,
        **({} if clamp is None else {'convClamp': clamp}),
    }


def require(holds, problem):
    if not holds:
        sys.exit(f'The network {problem}; the pipeline cannot build it.')


def write_safetensors(path, arrays, metadata):
    """Eight bytes of header length, the header as JSON, then the arrays, little endian; written beside its place first, so that it is never half there."""
    header, offset = {'__metadata__': {key: json.dumps(value) for key, value in metadata.items()}}, 0
    for name, array in arrays.items():
        header[name] = {'dtype': 'F32', 'shape': list(array.shape), 'data_offsets': [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    partial = f'{path}.partial'
    with open(partial, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for array in arrays.values():
            file.write(array.astype('<f4').tobytes())
    os.replace(partial, path)


def digest(path):
    hasher = hashlib.sha256()
    with open(path, 'rb') as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()


if __name__ == '__main__':
    main()
