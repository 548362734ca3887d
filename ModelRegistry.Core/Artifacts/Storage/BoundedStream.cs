namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>The next bytes of a stream, exactly as many as promised: it throws where there are fewer.</summary>
internal sealed class BoundedStream(Stream inner, long length) : Stream
{
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) =>
        _position == length ? 0 : Took(inner.Read(buffer[..(int)Math.Min(buffer.Length, length - _position)]), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct = default) =>
        _position == length ? 0 : Took(await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, length - _position)], ct), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken ct) =>
        ReadAsync(buffer.AsMemory(offset, count), ct).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Took(int read, int asked)
    {
        if (read == 0 && asked > 0)
            throw new EndOfStreamException($"The stored content ends {length - _position} bytes early.");
        _position += read;
        return read;
    }
}
