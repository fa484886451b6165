package dev.tailor.torch.internal.adapter;

import dev.tailor.torch.internal.Tensors;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The start of PiSSA (Meng et al. 2024, arXiv 2404.02948, equations 2 to 4): with `W = U S Vᵀ`, `A
/// = √(S/s) Vᵀ` and `B = U √(S/s)` for the largest singular values, so that `s · B A` is the best
/// approximation of W of that rank, which is then taken off W. Belongs to the caller's scope.
///
/// @param a `[rank, in]`
/// @param b `[out, rank]`
record PrincipalComponents(Tensor a, Tensor b) {
    static PrincipalComponents of(Tensor weight, long rank, double scale) {
        T_TensorTensorTensor_T parts =
                torch.linalg_svd(
                        Tensors.cast(weight, ScalarType.Float), false, new StringViewOptional());
        Tensor root = torch.sqrt(torch.div(parts.get1().narrow(0, 0, rank), new Scalar(scale)));
        Tensor u = parts.get0().narrow(1, 0, rank);
        Tensor v = parts.get2().narrow(0, 0, rank);
        return new PrincipalComponents(
                torch.mul(v, root.unsqueeze(1)).contiguous(),
                torch.mul(u, root.unsqueeze(0)).contiguous());
    }
}
