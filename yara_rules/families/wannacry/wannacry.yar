/*
   WannaCry: worm, loader, encryptor, decryptor, helpers, notes and scripts.

   Written from public facts for triage (Apache-2.0); no rule of others is copied. meta.gate says which content a
   rule may see (pe, text, any); every rule is proven by a fake in family.toml.
*/

rule MAL_WannaCry_Worm
{
    meta:
        id           = "7CGWwMCh8Cd57Z4OwhvBHr"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Worm of WannaCry (mssecsvc.exe): SMB replay templates, its service and kill switch"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "WORM"
        mitre_att    = "T1210"
        reference    = "ROTH, FE, MSDOC"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "pe"
    strings:
        $x_tree     = "__TREEID__PLACEHOLDER__" ascii
        $x_user     = "__USERID__PLACEHOLDER__" ascii
        $x_ipc1     = "\\\\192.168.56.20\\IPC$" wide
        $x_ipc2     = "\\\\172.16.99.5\\IPC$" wide
        $x_service  = "mssecsvc2.0" ascii wide
        $x_display  = "Microsoft Security Center (2.0) Service" ascii wide
        $x_kill1    = "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea" ascii
        $x_kill2    = "ifferfsodp9ifjaposdfjhgosurijfaewrwergwea" ascii
        $x_kill3    = "iuqssfsodp9ifjaposdfjhgosurijfaewrwergwea" ascii
        $x_kill4    = "ayylmaotjhsstasdfasdfasdfasdfasdfasdfasdf" ascii
        $x_moved    = "C:\\%s\\qeriuwjhrf" ascii
        $s_dialect1 = "LANMAN1.0" ascii
        $s_dialect2 = "Windows for Workgroups 3.1a" ascii
        $s_dialect3 = "PC NETWORK PROGRAM 1.0" ascii
        $s_echo     = { 4A 6C 4A 6D 49 68 43 6C 42 73 72 00 }
    condition:
        uint16(0) == 0x5A4D and filesize < 10MB and
        (3 of ($x_*) or (2 of ($x_*) and 2 of ($s_*)))
}

rule MAL_WannaCry_Loader
{
    meta:
        id           = "6xw8IRDXkqNV7uOUb3vZpO"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Loader of WannaCry (tasksche.exe): archive password, mutex, preparation commands"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486,T1222.001,T1543.003"
        reference    = "SRE, ROTH, DEC"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "pe"
    strings:
        $x_password = "WNcry@2ol7" ascii
        $x_mutex    = "Global\\MsWinZonesCacheCounterMutexA" ascii wide
        $x_icacls   = "icacls . /grant Everyone:F /T /C /Q" ascii
        $x_key      = "WanaCrypt0r" ascii wide
        $x_magic    = "WANACRY!" ascii
        $x_wallet1  = "13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94" ascii
        $x_wallet2  = "12t9YDPgwueZ9NyMgw519p7AA8isjr6SMw" ascii
        $x_wallet3  = "115p7UMMngoj1pMvkpHijcRdfJNXj6LrLn" ascii
        $s_payload  = "t.wnry" ascii
        $s_export   = "TaskStart" ascii
        $s_self     = "tasksche.exe" ascii
        $s_hide     = "attrib +h ." ascii
        $s_message  = "msg/m_portuguese.wnry" ascii
        $s_run      = "cmd.exe /c \"%s\"" ascii
    condition:
        uint16(0) == 0x5A4D and filesize < 10MB and
        3 of ($x_*) and 2 of ($s_*)
}

rule MAL_WannaCry_Encryptor
{
    meta:
        id           = "4BgtuzkNMe1NkbPb7CZfTd"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Encryptor DLL of WannaCry: extensions, key files and the commands around encryption"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486,T1489"
        reference    = "DEC, FE"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "pe"
    strings:
        $x_export   = "TaskStart" ascii fullword
        $x_mutex    = "MsWinZonesCacheCounterMutex" ascii wide
        $x_magic    = "WANACRY!" ascii
        $x_filler   = "hibsys" ascii wide
        $x_exchange = "taskkill.exe /f /im Microsoft.Exchange.*" ascii
        $s_ext1     = ".WNCRYT" ascii wide
        $s_ext2     = ".WNCYR" ascii wide
        $s_ext3     = ".WNCRY" ascii wide
        $s_note     = "@Please_Read_Me@.txt" ascii wide
        $s_tool     = "@WanaDecryptor@.exe" ascii wide
        $s_public   = "00000000.pky" ascii wide
        $s_private  = "00000000.eky" ascii wide
        $s_list     = "f.wnry" ascii wide
    condition:
        uint16(0) == 0x5A4D and filesize < 2MB and
        2 of ($x_*) and 3 of ($s_*)
}

rule MAL_WannaCry_Decryptor
{
    meta:
        id           = "5JxGn1zGL2njvSN7ihpzvU"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Decryptor window of WannaCry (@WanaDecryptor@.exe): its texts, shadow deletion and Tor client"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1490"
        reference    = "SRE, VANG, MSDOC"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "pe"
    strings:
        $x_title   = "Wana Decrypt0r 2.0" ascii wide
        $x_pay     = "Send $%d worth of bitcoin to this address:" ascii wide
        $x_qr      = "btcfrog.com/qr/bitcoinPNG.php?address=" ascii wide
        $x_ooops   = "Ooops, your files have been encrypted!" ascii wide
        $x_shadow  = "vssadmin delete shadows /all /quiet & wmic shadowcopy delete" ascii wide
        $s_tool    = "@WanaDecryptor@" ascii wide
        $s_note    = "@Please_Read_Me@.txt" ascii wide
        $s_tor     = "taskhsvc.exe" ascii wide
        $s_archive = "s.wnry" ascii wide
        $s_config  = "c.wnry" ascii wide
        $s_state   = "00000000.res" ascii wide
    condition:
        uint16(0) == 0x5A4D and filesize < 4MB and
        2 of ($x_*) and 2 of ($s_*)
}

rule MAL_WannaCry_TempDeleter
{
    meta:
        id           = "0THZ7EY5rFvDqcKW6MUP0k"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "taskdl.exe of WannaCry: a small program that calls itself cliconfg.exe and knows the temporary extension"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1036.005"
        reference    = "FE, SRE, DEC"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "medium"
        gate         = "pe"
    strings:
        $x_ext = ".WNCRYT" ascii wide
        $s_lie = "cliconfg.exe" wide
        $s_bin = "$RECYCLE" ascii wide
    condition:
        uint16(0) == 0x5A4D and filesize < 200KB and
        $x_ext and any of ($s_*)
}

rule SUSP_WannaCry_SessionLauncher
{
    meta:
        id           = "1VfN6eyyJ5ts8H2tmJ6YZW"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Like taskse.exe of WannaCry: calls itself waitfor.exe and starts programs in other users sessions"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1036.005"
        reference    = "FE, SRE"
        family       = "wannacry"
        severity     = "suspicious"
        confidence   = "low"
        gate         = "pe"
    strings:
        $s_lie   = "waitfor.exe" wide
        $x_enum  = "WTSEnumerateSessions" ascii
        $x_token = "WTSQueryUserToken" ascii
        $x_start = "CreateProcessAsUser" ascii
    condition:
        uint16(0) == 0x5A4D and filesize < 200KB and
        $s_lie and $x_start and any of ($x_enum, $x_token)
}

rule MAL_WannaCry_Launcher
{
    meta:
        id           = "4xmg8rkU7xnaCrVPluKyoO"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "launcher.dll of WannaCry, injected by DoublePulsar: PlayGame writes mssecsvc.exe"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1210"
        reference    = "IOC3"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "medium"
        gate         = "pe"
    strings:
        $x_export = "PlayGame" ascii fullword
        $x_name   = "launcher.dll" ascii
        $x_drop   = "mssecsvc.exe" ascii
    condition:
        uint16(0) == 0x5A4D and filesize < 20MB and all of them
}

rule SUSP_WannaCry_Older
{
    meta:
        id           = "3DG8iUa5eVdMAkdIGqnXM6"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Program that knows the note and decryptor of older WannaCry (early 2017)"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "MSDOC"
        family       = "wannacry"
        severity     = "suspicious"
        confidence   = "medium"
        gate         = "pe"
    strings:
        $x_note  = "!Please Read Me!.txt" ascii wide
        $x_tool  = "!WanaDecryptor!" ascii wide
        $s_ext   = ".wcry" ascii wide
        $s_magic = "WANACRY" ascii
    condition:
        uint16(0) == 0x5A4D and filesize < 10MB and
        any of ($x_*) and any of ($s_*)
}

rule MAL_WannaCry_Archive
{
    meta:
        id           = "6jFkKZfWJCYtkdxFwD0UtD"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Archive of WannaCry (resource XIA, or what was cut out of it): member names, clear in spite of the password"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "SRE, VANG"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "any"
    strings:
        $x_message = "msg/m_" ascii
        $x_payload = "t.wnry" ascii
        $s_tool    = "u.wnry" ascii
        $s_deleter = "taskdl.exe" ascii
        $s_session = "taskse.exe" ascii
    condition:
        uint32(0) == 0x04034B50 and filesize < 10MB and
        all of ($x_*) and 2 of ($s_*)
}

rule MAL_WannaCry_Payload
{
    meta:
        id           = "7IBY6rYF2mf7qraN4sIe1z"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "t.wnry of WannaCry: a WANACRY! container of 65536 bytes, key block of 256 bytes, type 4"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "MSU, WK, SRE"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "any"
    condition:
        filesize == 65816 and uint32(0) == 0x414E4157 and uint32(4) == 0x21595243 and uint32(8) == 0x100 and
        uint32(0x10C) == 4 and uint32(0x110) == 65536 and uint32(0x114) == 0
}

rule MAL_WannaCry_Note
{
    meta:
        id           = "4xT33qZkZzi2dzT7Tip1m7"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Ransom note of WannaCry (@Please_Read_Me@.txt) or its template r.wnry"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "SRE, ROTH"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "text"
    strings:
        $q       = "Q:  What's wrong with my files?" ascii
        $ooops   = "Ooops, your important files are encrypted." ascii
        $worry   = "A:  Don't worry about decryption." ascii
        $contact = "clicking <Contact Us> on the decryptor window" ascii
    condition:
        uint16(0) == 0x3A51 and filesize < 4KB and
        $q at 0 and 2 of ($ooops, $worry, $contact)
}

rule SUSP_WannaCry_Message
{
    meta:
        id           = "3nwU1xUyK4w8CJRZo4nZpE"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Message file of WannaCry in any language (msg m_*.wnry): RTF with the two English labels that all keep"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1486"
        reference    = "IOC3, SRE"
        family       = "wannacry"
        severity     = "suspicious"
        confidence   = "medium"
        gate         = "text"
    strings:
        $about = "<About bitcoin>" ascii
        $buy   = "<How to buy bitcoins>" ascii
    condition:
        uint32(0) == 0x74725C7B and filesize < 512KB and all of them
}

rule MAL_WannaCry_Batch
{
    meta:
        id           = "1c7HAYiOxpQNAircJqJJaN"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "Batch file of WannaCry (digits.bat) that writes and runs m.vbs"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1059.003"
        reference    = "DEC, MSDOC"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "text"
    strings:
        $off   = "@echo off" ascii
        $write = "echo SET ow = WScript.CreateObject(\"WScript.Shell\")> m.vbs" ascii
        $run   = "cscript.exe //nologo m.vbs" ascii
        $clean = "del m.vbs" ascii
        $self  = "del /a %0" ascii
    condition:
        filesize < 4KB and $off at 0 and $write in (0..32) and any of ($run, $clean, $self)
}

rule MAL_WannaCry_Script
{
    meta:
        id           = "1wM1pzjN7MyAInfMVEUnbN"
        version      = "1.0"
        date         = "2026-11-22"
        modified     = "2026-11-22"
        status       = "RELEASED"
        sharing      = "TLP:CLEAR"
        source       = "TRIAGE"
        author       = "triage@TRIAGE"
        description  = "m.vbs of WannaCry: makes the shortcut to the decryptor"
        category     = "MALWARE"
        malware      = "WANNACRY"
        malware_type = "RANSOMWARE"
        mitre_att    = "T1059.005"
        reference    = "DEC, MSDOC"
        family       = "wannacry"
        severity     = "infected"
        confidence   = "high"
        gate         = "text"
    strings:
        $first = "SET ow = WScript.CreateObject(\"WScript.Shell\")" ascii
        $link  = "@WanaDecryptor@.exe.lnk" ascii
    condition:
        filesize < 4KB and $first at 0 and $link
}
