import "pe"

rule Bench_Pe_Launcher_Export
{
    condition:
        uint16(0) == 0x5A4D and pe.exports("PlayGame") and pe.number_of_exports < 4
}

rule Bench_Pe_Encryptor_Export
{
    condition:
        uint16(0) == 0x5A4D and pe.exports("TaskStart") and pe.number_of_exports == 1
}

rule Bench_Pe_Imphash
{
    meta:
        description = "imphashes of the worm and the loader; those of the fakes are other"
    condition:
        uint16(0) == 0x5A4D and filesize < 8MB and
        (
            pe.imphash() == "9ecee117164e0b870a53dd187cdd7174" or
            pe.imphash() == "68f013d7437aa653a8a98a05807afeb1"
        )
}

rule Bench_Pe_Disguise
{
    strings:
        $n1 = "tasksche.exe" ascii
        $n2 = "mssecsvc.exe" ascii
    condition:
        uint16(0) == 0x5A4D and any of them and
        (
            pe.version_info["OriginalFilename"] contains "lhdfrgui.exe" or
            pe.version_info["OriginalFilename"] contains "diskpart.exe"
        )
}

rule Bench_Pe_Archive_Resource
{
    condition:
        uint16(0) == 0x5A4D and filesize < 8MB and
        for any i in (0 .. pe.number_of_resources - 1) :
        (
            pe.resources[i].id == 2058 and pe.resources[i].length > 1024
        )
}

rule Bench_Pe_Crypto_Imports
{
    condition:
        uint16(0) == 0x5A4D and pe.imports("ADVAPI32.dll", "CryptReleaseContext") and
        pe.imports("MSVCRT.dll", "srand") and pe.number_of_sections < 6
}

rule Bench_Pe_Compile_Time
{
    strings:
        $w = ".WNCRYT" wide
    condition:
        uint16(0) == 0x5A4D and $w and pe.timestamp > 1247000000 and pe.timestamp < 1495000000
}
