/** Main module of the built package: registers the backend with the TensorFlow.js of the project. */
'use strict';
const {registerBackend} = require('@tensorflow/tfjs-core');
require('./dist/register_all_kernels'); // eslint-disable-line import-x/no-unassigned-import -- registers kernels
const {NodeJSKernelBackend} = require('./dist/nodejs_kernel_backend');
const binding = require('./lib/tfjs_binding.node');
const {name} = require('./package.json');

registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, name));
