using ModelRegistry.Core.Lineage;

namespace ModelRegistry.Tests.Lineage;

public sealed class ReadingModelFilesTests
{
    private const string Sklearn = """
        artifact_path: model
        flavors:
          python_function:
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.sklearn
            model_path: model.pkl
            predict_fn: predict
            python_version: 3.11.2
          sklearn:
            code: null
            pickled_model: model.pkl
            serialization_format: cloudpickle
            sklearn_version: 1.5.0
        mlflow_version: 3.11.1
        model_id: m-2855744314684bd5993fd59e1b90b6cf
        model_size_bytes: 1234
        model_uuid: m-2855744314684bd5993fd59e1b90b6cf
        prompts: null
        run_id: 1b484799481d4d7bb4e81ab4b48a2a4f
        signature:
          inputs: '[{"type": "double", "name": "sepal length", "required": true}, {"type": "long",
            "name": "n", "required": false}]'
          outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
          params: '[{"name": "threshold", "default": 0.5, "shape": null, "type": "double"}]'
        utc_time_created: '2026-11-24 07:43:06.123456'
        """;

    [Fact]
    public void What_made_a_model_is_read_from_its_file()
    {
        var file = ModelFileReader.Parse(Sklearn);
        file.Problem.ShouldBeNull();
        file.Flavors.Select(f => f.Name).ShouldBe(["python_function", "sklearn"]);
        file.Flavors[1].Settings.ShouldContain(KeyValuePair.Create("sklearn_version", "1.5.0"));
        file.Flavors[1].Settings.ShouldNotContain(s => s.Key == "code");
        file.Inputs.ShouldBe([new SignatureField("sepal length", "double", true, null), new SignatureField("n", "long", false, null)]);
        file.Outputs.ShouldBe([new SignatureField("", "int64 (-1)", true, null)]);
        file.Params.ShouldBe([new SignatureField("threshold", "double", true, "0.5")]);
        (file.MlflowVersion, file.PythonVersion, file.SizeBytes).ShouldBe(("3.11.1", "3.11.2", 1234));
        (file.RunId, file.LoggedModelId).ShouldBe(("1b484799481d4d7bb4e81ab4b48a2a4f", "m-2855744314684bd5993fd59e1b90b6cf"));
        file.CreatedUtc.ShouldBe("2026-11-24 07:43:06.123456");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1, 2]")]
    [InlineData("a: [")]
    [InlineData("a: \"\\q\"")]
    [InlineData("\t- x: y\n z")]
    [InlineData("a: &x {b: c}\nd: *x")]
    [InlineData("? {a: b}\n: c")]
    [InlineData("%YAML 9.9\n---\na: b")]
    public void What_is_no_model_file_is_told_and_breaks_nothing(string text) =>
        ModelFileReader.Parse(text).Problem.ShouldNotBeNull();

    [Fact]
    public void A_small_file_that_stands_for_a_huge_one_stays_small()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
        ModelFileReader.Parse(bomb).Problem.ShouldNotBeNull().ShouldContain("anchor");
        ModelFileReader.Parse("a: " + new string('[', 100_000)).Problem.ShouldNotBeNull();
        ModelFileReader.Parse("a: [" + string.Concat(Enumerable.Repeat("x, ", 100_000)) + "x]").Problem.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("flavors: x\nsignature: 3")]
    [InlineData("flavors: {a: 1, b: [1], c: {d: {e: f}}}")]
    [InlineData("signature: {inputs: null, outputs: ''}")]
    [InlineData("model_size_bytes: many")]
    public void Odd_values_are_left_out(string text) => ModelFileReader.Parse(text).Problem.ShouldBeNull();

    [Theory]
    [InlineData("'not json'")]
    [InlineData("'{}'")]
    [InlineData("'[1]'")]
    [InlineData("'[{\"tensor-spec\": {\"shape\": 3}}]'")]
    public void A_signature_that_is_none_is_told(string inputs) =>
        ModelFileReader.Parse($"signature:\n  inputs: {inputs}").Problem.ShouldBe("The signature's inputs could not be read.");

    [Fact]
    public void Tags_of_YAML_mean_nothing() =>
        ModelFileReader.Parse("mlflow_version: !!python/object/apply:os.system ['rm']").MlflowVersion.ShouldBeNull();
}
