using System.Buffers;
using System.IO.Pipelines;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// A whole body where the server has it, not copied. To be disposed of when nothing points into it any more: the server
/// breaks the connection off where a read was never finished.
/// </summary>
internal readonly struct RequestBody : IDisposable
{
    /// <summary>One batch of the largest allowed size, or a data set's profile, with room.</summary>
    public const int MaxBytes = 24 * 1024 * 1024;

    private readonly PipeReader _reader;

    private RequestBody(PipeReader reader, ReadOnlySequence<byte> bytes) => (_reader, Bytes) = (reader, bytes);

    public ReadOnlySequence<byte> Bytes { get; }

    /// <exception cref="InvalidArgumentException">It is too long.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > MaxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new InvalidArgumentException("body", $"The request body may have {MaxBytes / 1024 / 1024} MiB at most.");
            }

            if (read.IsCompleted)
                return new RequestBody(reader, read.Buffer);
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public void Dispose() => _reader?.AdvanceTo(Bytes.End);
}
