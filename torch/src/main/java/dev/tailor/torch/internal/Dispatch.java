package dev.tailor.torch.internal;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;

import java.util.List;
import java.util.Optional;

/// Operators that the bindings do not offer as methods, called through libtorch's dispatcher.
public final class Dispatch {
    private final OperatorHandle operator;

    private Dispatch(OperatorHandle operator) {
        this.operator = operator;
    }

    /// Finds an operator by name, such as `aten::_fused_adamw_`.
    public static Dispatch operator(String name) {
        OperatorHandle handle = Dispatcher.singleton().findSchemaOrThrow(name, "");
        handle.retainReference();
        return new Dispatch(handle);
    }

    /// Finds an operator that not every build has.
    public static Optional<Dispatch> find(String name) {
        try {
            return Optional.of(operator(name));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /// Calls an operator that returns one tensor.
    public Tensor tensor(IValue... arguments) {
        return new Tensor(call(arguments).get(0).toTensor());
    }

    /// Calls the operator; what it returns is left on the stack.
    public IValueVector call(IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        operator.callBoxed(stack);
        return stack;
    }

    /// A list of numbers or truth values as the operator's parameter of that place, from 0.
    public IValue list(int parameter, IValue... values) {
        Type type = operator.schema().arguments().getPointer(parameter).type().get();
        GenericList list = new GenericList(type.containedType(0));
        for (IValue value : values) {
            list.push_back(value);
        }
        return new IValue(list);
    }

    /// A list of tensors as an argument. (There is an IValue constructor that takes any pointer and
    /// would reinterpret a TensorVector's memory: never use it.)
    public static IValue list(List<Tensor> tensors) {
        GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
        for (Tensor tensor : tensors) {
            list.push_back(new IValue(tensor));
        }
        return new IValue(list);
    }
}
