package dev.tailor.train.distillation;

/// What the hidden state of one position contributes to a loss, and the derivative of that with
/// respect to each of the student's values. Student and teacher have the same width.
public record HiddenTerm(double loss, double[] slopes) {
    /// The mean squared difference.
    public static HiddenTerm meanSquare(float[] student, float[] teacher) {
        double[] slopes = new double[student.length];
        double sum = 0;
        for (int i = 0; i < slopes.length; i++) {
            double difference = (double) student[i] - teacher[i];
            sum += difference * difference;
            slopes[i] = 2 * difference / slopes.length;
        }
        return new HiddenTerm(sum / slopes.length, slopes);
    }

    /// 1 less the cosine of the angle between the two, from 0 to 2; 1 where one of them is 0.
    public static HiddenTerm cosine(float[] student, float[] teacher) {
        double dot = 0;
        double ofStudent = 0;
        double ofTeacher = 0;
        for (int i = 0; i < student.length; i++) {
            dot += (double) student[i] * teacher[i];
            ofStudent += (double) student[i] * student[i];
            ofTeacher += (double) teacher[i] * teacher[i];
        }
        double[] slopes = new double[student.length];
        if (ofStudent == 0 || ofTeacher == 0) {
            return new HiddenTerm(1, slopes);
        }
        double lengths = Math.sqrt(ofStudent) * Math.sqrt(ofTeacher);
        for (int i = 0; i < slopes.length; i++) {
            slopes[i] = dot / lengths * student[i] / ofStudent - teacher[i] / lengths;
        }
        return new HiddenTerm(1 - dot / lengths, slopes);
    }
}
