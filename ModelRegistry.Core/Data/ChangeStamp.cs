using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Data;

/// <summary>
/// A number per noun that goes up with every change of it, in the transaction of the change. What was read at one
/// number may be served from memory until the number differs, on every node.
/// </summary>
public sealed class ChangeStamp
{
    public const string Experiments = "experiments";
    /// <summary>Users, roles, teams, grants, tokens.</summary>
    public const string Access = "access";
    /// <summary>Legal holds, and what else keeps things; see <see cref="Holds.HoldGuard"/>.</summary>
    public const string Holds = "holds";

    public required string Name { get; set; }
    public long Value { get; set; }

    public static Task BumpAsync(RegistryDbContext db, string name, CancellationToken ct) =>
        db.ChangeStamps.Where(s => s.Name == name)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.Value, s => s.Value + 1), ct);
}

internal sealed class ChangeStampConfiguration : IEntityTypeConfiguration<ChangeStamp>
{
    public void Configure(EntityTypeBuilder<ChangeStamp> entity)
    {
        entity.HasKey(s => s.Name);
        entity.Property(s => s.Name).HasMaxLength(32);
        entity.HasData(
            new ChangeStamp { Name = ChangeStamp.Experiments, Value = 1 },
            new ChangeStamp { Name = ChangeStamp.Access, Value = 1 },
            new ChangeStamp { Name = ChangeStamp.Holds, Value = 1 });
    }
}
