using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ModelRegistry.Tests.Browser;

/// <summary>Files as a training script leaves them.</summary>
internal static class SampleFiles
{
    public const string ModelFile = """
        artifact_path: model
        flavors:
          python_function:
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.sklearn
            model_path: model.pkl
            python_version: 3.11.7
          sklearn:
            code: null
            pickled_model: model.pkl
            serialization_format: cloudpickle
            sklearn_version: 1.5.2
        mlflow_version: 3.11.1
        model_size_bytes: 48213
        signature:
          inputs: '[{"type": "double", "name": "tenure", "required": true}, {"type": "string", "name": "plan", "required": true}, {"type": "double", "name": "monthly_charges", "required": false}]'
          outputs: '[{"type": "double", "name": "probability", "required": true}]'
          params: null
        utc_time_created: '2026-11-20 09:14:22.000000'
        """;

    public const string Table = "customer,plan,tenure,probability\n1041,basic,3,0.71\n1042,\"family, large\",48,0.04\n1043,basic,1,0.83\n";

    public static string Requirements(string sklearn) => $"mlflow==3.11.1\nscikit-learn=={sklearn}\npandas==2.2.3\nnumpy==2.1.2\n";

    /// <summary>A small heat map.</summary>
    public static byte[] Image()
    {
        const int width = 240, height = 160;
        using var rows = new MemoryStream();
        for (var y = 0; y < height; y++)
        {
            rows.WriteByte(0);
            for (var x = 0; x < width; x++)
            {
                var heat = Math.Sin(x / 24.0) * Math.Cos(y / 18.0);
                rows.Write([(byte)(120 + 100 * heat), (byte)(110 - 50 * heat), (byte)(200 - 90 * heat)]);
            }
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(rows.ToArray());
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320u;
        }

        return ~crc;
    }
}
