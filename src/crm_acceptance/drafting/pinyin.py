"""How the Chinese words of the tables are written in pinyin: in full or by initials. No other letters."""

from __future__ import annotations

import re

_SYLLABLES = (
    "an案 bai拜败 ban办板般 bao报 bei备 ben本 bi闭 bian变编 biao标表 bie别 bo驳 bu不步部 cai采 cao操草 cha查 "
    "chan产 chang场常 cheng成称程 chi池 chou筹 chu出初处触除 chuan传 chuang创 cun存 da大 dai代待 dan单 "
    "dang当档 dao到导道 deng登等 di低地 dian电 ding定订 diu丢 dong冻动 du度 duan段 e额 fa发法 fang放方访 "
    "fei废非 fen分 fou否 fu付复服负附 gai改概 gang岗 gao稿高 ge个格 gen跟 geng更 gong供公共功工 gou沟购 "
    "guan关管 guang广 gui归 guo果过 hai海 hang行 hao号 he合核 hou后 hu户 hua划化话 huan换 hui会回惠 "
    "huo活获货 ji几急机激级计记辑 jia价加 jian件建检间 jiao交角较 jie截接结解阶 jin禁紧进金 jing经 ju拒据 "
    "jue决绝 kai开 kan看 ke可客 kou口扣 ku库 kuai块 kuan款 lai来 lei类 li理离立 lian联 liang量 liao料 lie列 "
    "ling令领 liu流 lu录陆 lv率 ma码 men门 mi密 miao描 ming名明 mo模 mu目 na纳 nei内 neng能 ni昵 pai派牌 "
    "pan判 pei配 pi批 piao票 pin品 pu普 qi企启期起 qia洽 qian前潜签 qiang抢 qing情清请 qiu求 qu去取渠 "
    "quan全权 que确 rang让 ren人认 ri日 rong容 ru入 se色 shan删 shang上商 she社设 shen审申 sheng生 "
    "shi失始实市式时是识释 shou受售手收 shu属数束输述 shua刷 shui税 shuo说 si司私 song送 sou搜 suan算 "
    "suo所索 tai态抬 tan谈 te特 ti提题 tian添 ting停 tong同统通 tou头 tui推退 wan完 wang往 wei为位未 wen文问 "
    "wu务无 xi息系细 xia下 xian先线衔限 xiang向相箱详项 xiao小效校消销 xin信心新 xing型姓性 xiu修 xu需 "
    "xun讯询 yan严验 yao要 ye业页 yi一已意移 ying应营赢 yong拥用 you优有邮 yu与余预 yuan员源 yue跃 zai在载 "
    "ze责 zeng增 zhang帐账 zhe折者 zhen真 zheng整正证 zhi制址志执指支止置职 zhong中重 zhu主注 zhuan转 "
    "zhuang状 zhun准 zi子字资 zong总 zu组 zui最 zuo作 "
)
_PINYIN = {
    found[2][n]: found[1]
    for found in re.finditer(r"([a-z]+)([\u4e00-\u9fff]+)", _SYLLABLES)
    for n in range(len(found[2]))
}


def full(word: str) -> str:
    """ "客户" -> "kehu"; "" when a letter of it is not known."""
    parts = [_PINYIN.get(letter, "") for letter in word]
    return "".join(parts) if all(parts) else ""


def initials(word: str) -> str:
    """ "客户名称" -> "khmc"; "" when a letter of it is not known."""
    parts = [_PINYIN.get(letter, "") for letter in word]
    return "".join(part[0] for part in parts) if all(parts) else ""
