/** Name of the fused kernel: inputs logits and targets, [n, numClasses] each; outputs the cross-entropies, [n], and their slopes softmax − targets, [n, numClasses]. */
export const softmaxCrossEntropyKernel = 'SoftmaxCrossEntropy';
