package dev.tailor.data;

import java.util.Arrays;

/// A set of hashes in one array: eight to sixteen bytes each instead of fifty.
final class LongSet {
    private long[] slots = new long[1 << 10];
    private int size;
    private boolean hasZero;

    /// Adds a value; false if it was there.
    boolean add(long value) {
        if (value == 0) {
            boolean added = !hasZero;
            hasZero = true;
            return added;
        }
        int slot = slotOf(slots, value);
        if (slots[slot] == value) {
            return false;
        }
        slots[slot] = value;
        size++;
        if (size > slots.length / 2) {
            grow();
        }
        return true;
    }

    boolean contains(long value) {
        return value == 0 ? hasZero : slots[slotOf(slots, value)] == value;
    }

    int size() {
        return size + (hasZero ? 1 : 0);
    }

    /// The values in ascending order.
    long[] toSortedArray() {
        long[] values = Arrays.stream(slots).filter(value -> value != 0).toArray();
        if (hasZero) {
            values = Arrays.copyOf(values, values.length + 1);
        }
        Arrays.sort(values);
        return values;
    }

    private void grow() {
        long[] larger = new long[2 * slots.length];
        for (long value : slots) {
            if (value != 0) {
                larger[slotOf(larger, value)] = value;
            }
        }
        slots = larger;
    }

    private static int slotOf(long[] slots, long value) {
        int slot = (int) ContentHash.mixed(value) & (slots.length - 1);
        while (slots[slot] != 0 && slots[slot] != value) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }
}
